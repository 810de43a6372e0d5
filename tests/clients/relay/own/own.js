import { graphql } from "relay-runtime";

graphql`
  query ownPageQuery($first: Int!, $after: String) {
    households(first: $first, after: $after) { nodes { code members { id } } pageInfo { hasNextPage endCursor } }
  }
`;
graphql`
  mutation ownRecordAidMutation($input: RecordAidInput!) {
    recordAid(input: $input) { created aidRecord { id } errors { code message path } }
  }
`;
