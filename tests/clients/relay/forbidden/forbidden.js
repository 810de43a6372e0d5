import { graphql } from "relay-runtime";

graphql`
  query forbiddenThrownQuery @throwOnFieldError {
    households(first: 3) { nodes { code incomePerCapita members { educationStage } } }
  }
`;
graphql`
  query forbiddenCaughtQuery {
    households(first: 3) {
      nodes { code incomePerCapita @catch(to: RESULT) members { educationStage @catch(to: RESULT) } }
    }
  }
`;
