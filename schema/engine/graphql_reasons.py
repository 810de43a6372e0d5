"""The messages of graphql-core about a document or a value, in its words and in Chinese: data for `reasons`.

`{name}` is a name that graphql-core fills in. `{*}` is text of the caller (a value, a character): no error repeats it, so such
a row has an English text too. A test compares this table with graphql-core's own messages.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """One kind of message. `english` is the text of the answer; None: graphql-core's own."""

    message: str
    chinese: str
    english: str | None = None


DOCUMENTS = (
    Row("The document is nested too deeply.", "文档嵌套过深"),
    Row("The {name} definition is not executable.", "文档中有不能执行的定义,只能写查询、写入和片段"),
    Row("The {operation} operation is not supported by the schema.", "本平台不支持{operation}操作"),
    Row("There can be only one operation named '{name}'.", "操作名“{name}”重复"),
    Row("This anonymous operation must be the only defined operation.", "未命名的操作只能单独出现"),
    Row("Anonymous Subscription must not {what}.", "订阅只能选取一个顶层字段,且不得附加条件"),
    Row("Subscription '{name}' must not {what}.", "订阅“{name}”只能选取一个顶层字段,且不得附加条件"),
    Row("Anonymous Subscription must select {what}.", "订阅须且只能选取一个顶层字段"),
    Row("Subscription '{name}' must select {what}.", "订阅“{name}”须且只能选取一个顶层字段"),
    Row("Unknown type '{type}'.{maybe}", "没有类型“{type}”"),
    Row("Fragment cannot condition on non composite type '{type}'.", "片段不能以没有子字段的类型“{type}”为条件"),
    Row("Fragment '{name}' cannot condition on non composite type '{type}'.",
        "片段“{name}”不能以没有子字段的类型“{type}”为条件"),
    Row("Variable '${name}' cannot be non-input type '{type}'.", "变量“{name}”的类型“{type}”不能用作输入"),
    Row("Field '{field}' must not have a selection since type '{type}' has no subfields.",
        "字段“{field}”的类型“{type}”没有子字段,不能再选取"),
    Row("Field '{field}' of type '{type}' must have a selection of subfields.{maybe}",
        "字段“{field}”的类型为“{type}”,须选取其子字段"),
    Row("Field '{field}' of type '{type}' must have at least one field selected.",
        "字段“{field}”的类型为“{type}”,须至少选取一个子字段"),
    Row("Cannot query field '{field}' on type '{type}'.{maybe}", "类型“{type}”没有字段“{field}”"),
    Row("There can be only one fragment named '{name}'.", "片段名“{name}”重复"),
    Row("Unknown fragment '{name}'.", "没有片段“{name}”"),
    Row("Fragment '{name}' is never used.", "片段“{name}”未被使用"),
    Row("Fragment cannot be spread here as objects of type '{parent}' can never be of type '{type}'.",
        "此处的对象为“{parent}”,不可能是“{type}”,不能展开该片段"),
    Row("Fragment '{name}' cannot be spread here as objects of type '{parent}' can never be of type '{type}'.",
        "此处的对象为“{parent}”,不可能是“{type}”,不能展开片段“{name}”"),
    Row("Cannot spread fragment '{name}' within itself.", "片段“{name}”不能包含自身"),
    Row("Cannot spread fragment '{name}' within itself via {path}.", "片段“{name}”不能经由其他片段包含自身"),
    Row("There can be only one variable named '${name}'.", "变量名“{name}”重复"),
    Row("Variable '${name}' is not defined by operation '{owner}'.", "操作“{owner}”未声明变量“{name}”"),
    Row("Variable '${name}' is not defined.", "未声明变量“{name}”"),
    Row("Variable '${name}' is never used in operation '{owner}'.", "操作“{owner}”未使用变量“{name}”"),
    Row("Variable '${name}' is never used in fragment '{fragment}'.", "片段“{fragment}”未使用变量“{name}”"),
    Row("Variable '${name}' is never used.", "变量“{name}”未被使用"),
    Row("Unknown directive '@{name}'.", "没有指令“@{name}”"),
    Row("Directive '@{name}' may not be used on {place}.", "指令“@{name}”不能用在此处"),
    Row("The directive '@{name}' can only be used once at this location.", "指令“@{name}”在同一处只能使用一次"),
    Row("Unknown argument '{argument}' on field '{field}'.{maybe}", "字段“{field}”没有参数“{argument}”"),
    Row("Unknown argument '{argument}' on directive '@{name}'.{maybe}", "指令“@{name}”没有参数“{argument}”"),
    Row("Unknown argument '{argument}' on fragment '{name}'.{maybe}", "片段“{name}”没有参数“{argument}”"),
    Row("There can be only one argument named '{name}'.", "参数“{name}”重复"),
    Row("There can be only one input field named '{name}'.", "输入字段“{name}”重复"),
    Row("Argument '{argument}' of type '{type}' is required, but it was not provided.",
        "缺少必填参数“{argument}”,其类型为“{type}”"),
    Row("Fragment '{name}' argument '{argument}' of type '{type}' is required, but it was not provided.",
        "片段“{name}”缺少必填参数“{argument}”,其类型为“{type}”"),
    Row("Variable '${name}' of type '{type}' used in position expecting type '{position}'.",
        "变量“{name}”的类型为“{type}”,此处须为“{position}”"),
    Row("Variable '${name}' is of type '{type}' but must be non-nullable to be used for OneOf Input Object '{owner}'.",
        "变量“{name}”的类型为“{type}”,用于只填一项的输入“{owner}”时不得为空"),
    Row("Fields '{name}' conflict because {why}. Use different aliases on the fields to fetch both if this was intentional.",
        "字段“{name}”在同一处被选取多次而内容不同,如确需都取,请使用不同的别名"),
    Row("Spreads '{name}' conflict because {why} have different fragment arguments.",
        "片段“{name}”在同一处以不同的参数展开"),
    Row("{name} directive label argument must be a static string.", "指令“{name}”的标签须为固定文字"),
    Row("Defer/Stream directive label argument must be unique.", "分段返回指令的标签不得重复"),
    Row("Stream directive {what}.", "此处不能使用列表分段返回指令"),
    Row("Defer directive {what}.", "此处不能使用分段返回指令"),
    Row("Defer/Stream directive {what}.", "此处不能使用分段返回指令"),
    Row("Maximum introspection depth exceeded", "对模式的查询嵌套过深"),
    Row("Too many validation errors, error limit reached. Validation aborted.", "错误过多,其余不再列出"),
    Row("{why} Validation aborted.", "文档过于复杂,已停止检查"),
)  # fmt: skip
"""Messages about whole documents: the rules of validation (GraphQL spec 5)."""

VALUES = (
    Row("Expected a value of non-null type '{type}' to be provided.", "必填,其类型为“{type}”"),
    Row("Expected value of non-null type '{type}' not to be None.", "不得为空,其类型为“{type}”"),
    Row("Expected value of type '{type}' to be an object, found: {*}.", "须为“{type}”对象",
        "Expected an object of type '{type}'."),
    Row("Expected value of type '{type}' to include required field '{field}', found: {*}.",
        "“{type}”缺少必填项“{field}”", "Expected value of type '{type}' to include required field '{field}'."),
    Row("Expected value of type '{type}' not to include unknown field '{key}', found: {*}.",
        "“{type}”没有{key}字段", "Expected value of type '{type}' not to include unknown field{key}."),
    Row("Expected value of type '{type}' not to include unknown field '{key}'.{maybe} Found: {*}.",
        "“{type}”没有{key}字段", "Expected value of type '{type}' not to include unknown field{key}."),
    Row("Within OneOf Input Object type '{type}', exactly one field must be specified, and the value for that field must be"
        " non-null.", "“{type}”须且只能填写其中一项,且不得为空"),
    Row("Expected variable '${name}' provided to type '{type}' to provide a runtime value.",
        "变量“{name}”未赋值,此处必填,其类型为“{type}”"),
    Row("Expected variable '${name}' provided to non-null type '{type}' not to be None.",
        "变量“{name}”为空,此处不得为空,其类型为“{type}”"),
    Row("Expected variable '${name}' provided to field '{field}' for OneOf Input Object type '{type}' to provide a runtime"
        " value.", "变量“{name}”未赋值,“{type}”须且只能填写其中一项"),
    Row("Expected variable '${name}' provided to field '{field}' for OneOf Input Object type '{type}' not to be None.",
        "变量“{name}”为空,“{type}”须且只能填写其中一项,且不得为空"),
    Row("Expected value of type '{type}', but encountered error '{*}'; found: {*}.", "不是有效的“{type}”",
        "Expected value of type '{type}'."),
    Row("Expected value of type '{type}', found: {*}.", "不是有效的“{type}”", "Expected value of type '{type}'."),
    Row("Value '{*}' does not exist in '{type}' enum.{maybe}", "不是“{type}”的可选值",
        "The value does not exist in the enum '{type}'."),
    Row("Enum '{type}' cannot represent non-string value: {*}.{maybe}", "“{type}”的值须为其可选值之一",
        "The enum '{type}' takes one of its values, as a string."),
    Row("Enum '{type}' cannot represent non-enum value: {*}.{maybe}", "“{type}”的值须为其可选值之一,且不加引号",
        "The enum '{type}' takes one of its values, without quotes."),
    Row("Enum '{type}' cannot represent value: {*}", "不是“{type}”的可选值",
        "The value does not exist in the enum '{type}'."),
    Row("Int cannot represent non-integer value: {*}", "须为整数", "Int cannot represent a value that is no integer."),
    Row("Int cannot represent non 32-bit signed integer value: {*}", "整数超出范围(-2147483648 至 2147483647)",
        "Int cannot represent an integer beyond 32 bits."),
    Row("Float cannot represent non numeric value: {*}", "须为数字", "Float cannot represent a value that is no number."),
    Row("String cannot represent a non string value: {*}", "须为加引号的文字",
        "String cannot represent a value that is no string."),
    Row("String cannot represent value: {*}", "须为加引号的文字", "String cannot represent the value."),
    Row("Boolean cannot represent a non boolean value: {*}", "须为是(true)或否(false)",
        "Boolean cannot represent a value that is not true or false."),
    Row("ID cannot represent value: {*}", "须为加引号的编号", "ID cannot represent the value."),
    Row("ID cannot represent a non-string and non-integer value: {*}", "须为加引号的编号",
        "ID cannot represent a value that is neither string nor integer."),
    Row("Value cannot represent a {type}: {*}", "不是有效的“{type}”", "The value cannot represent a {type}."),
    Row("Variable '${name}' expected value of type '{type}' which cannot be used as an input type.",
        "变量“{name}”的类型“{type}”不能用作输入"),
    Row("Too many errors processing variables, error limit reached. Execution aborted.", "错误过多,其余不再列出"),
    Row("Variable values are nested too deeply.", "变量的值嵌套过深"),
)  # fmt: skip
"""Messages about single values (GraphQL spec 3.5 to 3.10, 5.6, 6.1.2)."""

SYNTAX = (
    Row("Source contains more than {most} code points. Parsing aborted.", "文档超过 {most} 个字符"),
    Row("Document contains more than {most} tokens. Parsing aborted.", "文档超过 {most} 个词"),
    Row("Document contains more than {most} comments. Parsing aborted.", "文档的注释超过 {most} 条"),
    Row("Document is nested too deeply. Parsing aborted.", "文档嵌套过深"),
    Row("Unexpected description, descriptions are not supported on shorthand queries.", "简写的查询前不能写说明"),
    Row("Unexpected description, only GraphQL definitions support descriptions.", "说明只能写在定义之前"),
    Row("Unexpected variable '${name}' in constant value.", "此处须为固定的值,不能使用变量“{name}”"),
    Row("{token} is reserved and cannot be used for an enum value.", "{token}为保留词,不能用作枚举值"),
    Row("Unexpected '..', did you mean '...'?", "此处应为三个点(...)"),
    Row("Invalid number, expected digit before '.', did you mean '{*}'?", "小数点前须有数字",
        "Invalid number, expected digit before '.'."),
    Row("Invalid number, unexpected digit after 0: {*}.", "数字不能以 0 开头", "Invalid number, unexpected digit after 0."),
    Row("Invalid number, expected digit but got: {*}.", "数字书写有误", "Invalid number, expected digit."),
    Row("Invalid character within String: {*}.", "引号内有不允许的字符", "Invalid character within String."),
    Row("Unterminated string.", "引号未成对"),
    Row("Invalid Unicode escape sequence: '{*}'.", "字符转义书写有误", "Invalid Unicode escape sequence."),
    Row("Invalid character escape sequence: '{*}'.", "字符转义书写有误", "Invalid character escape sequence."),
    Row("Unexpected single quote character ('), did you mean to use a double quote (\")?", "请使用双引号"),
    Row("Unexpected character: {*}.", "有不允许的字符,文字须加双引号,标点须用半角",
        "Unexpected character; a text stands in double quotes."),
    Row("Invalid character: {*}.", "有无效的字符", "Invalid character."),
    Row("Expected {wanted}, found {token}.", "此处应为{wanted},而写的是{token}"),
    Row("Unexpected {token}.", "此处不应出现{token}"),
)  # fmt: skip
"""Messages about texts that are no document (GraphQL spec 2)."""

TOKENS = {
    "<SOF>": "文档开头",
    "<EOF>": "文档结尾",
    "Name": "名称",
    "Int": "整数",
    "Float": "小数",
    "String": "文字",
    "BlockString": "文字",
    "Comment": "注释",
}
"""The name of a token in Chinese; punctuation and keywords are their own names."""

OPERATIONS = {"query": "查询", "mutation": "写入", "subscription": "订阅"}
