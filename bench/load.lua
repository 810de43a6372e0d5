-- wrk: bodies of a file in turn, every answer checked. Arguments: the file; what "@@" in a body becomes, with a number.
local threads, bodies, unique, asked = {}, {}, nil, 0
failed, first = 0, "" -- global, so that `done` can get them from the thread

function setup(thread) table.insert(threads, thread) end

function init(arguments)
  for line in io.lines(arguments[1]) do table.insert(bodies, line) end
  unique = arguments[2]
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Accept"] = "application/json"
end

function request()
  local body = bodies[asked % #bodies + 1]
  asked = asked + 1
  if unique then body = body:gsub("@@", unique .. asked .. "-") end
  return wrk.format(nil, nil, nil, body)
end

function response(status, _, body)
  if status ~= 200 or body:find('"errors"', 1, true) or body:find('"created":false', 1, true) then
    if failed == 0 then first = status .. " " .. body:sub(1, 400) end
    failed = failed + 1
  end
end

local function quoted(text) return '"' .. text:gsub('[%c"\\]', " ") .. '"' end

function done(summary, latency)
  local thread = threads[1]
  local e = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"failed":%d,"lost":%d,"first":%s}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    thread:get("failed"), e.connect + e.read + e.write + e.timeout, quoted(thread:get("first"))
  ))
end
