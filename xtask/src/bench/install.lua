-- Asks for installations, each for another pair of a user and an app, and counts them exactly.
--
-- wrk stops in the midst of things, so what it counts is not what the server did. Here every connection asks for
-- installations until the time is up and for the harmless FILLER from then on; when wrk stops, all installations
-- have been answered. FIRST is called once by wrk itself and not sent, so the first request is a FILLER too.

local ffi = require("ffi")
ffi.cdef [[
  struct bench_time { long seconds; long nanoseconds; };
  int clock_gettime(int clock, struct bench_time *time);
]]
local MONOTONIC = 1
local FILLER = "GET /_slipway/livez HTTP/1.1\r\nHost: " .. HOST .. "\r\n\r\n"
-- A full-period generator: every number below PERIOD comes once, in an order without pattern.
local FACTOR, SUMMAND = 1664525, 1013904223

local threads = {}

function setup(thread)
  thread:set("id", #threads)
  table.insert(threads, thread)
end

local clock = ffi.new("struct bench_time")
local function now()
  ffi.C.clock_gettime(MONOTONIC, clock)
  return tonumber(clock.seconds) + tonumber(clock.nanoseconds) / 1e9
end

local head = "POST /v1.0/users/51190000-0000-4000-8001-"
local bodies = {}
for index, app in ipairs(APPS) do
  local body = BODY_START .. app .. BODY_END
  bodies[index] = "/teamwork/installedApps HTTP/1.1\r\nHost: " .. HOST
    .. "\r\nAuthorization: Bearer " .. TOKEN
    .. "\r\nContent-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end
local PERIOD = USERS * #APPS / 2

sent, created, elapsed = 0, 0, 0
local begun, number, started = 0, 0, false

function request()
  if not started then
    started, number = true, id
    return FILLER
  end
  if elapsed > 0 then
    return FILLER
  end
  if sent == 0 then
    begun = now()
  elseif sent % 64 == 0 or sent == PERIOD then
    local passed = now() - begun
    if passed >= SECONDS or sent == PERIOD then
      elapsed = passed
      return FILLER
    end
  end
  number = (FACTOR * number + SUMMAND) % PERIOD
  sent = sent + 1
  local pair = number * 2 + id
  -- User numbers start at 1.
  local user = math.floor(pair / #APPS) + 1
  return head .. string.format("%012x", user) .. bodies[pair % #APPS + 1]
end

if COUNT_ANSWERS then
  function response(status)
    if status == 201 then
      created = created + 1
    end
  end
end

function done(summary)
  local total, answers, longest, shortest = 0, 0, 0, math.huge
  for _, thread in ipairs(threads) do
    total = total + thread:get("sent")
    answers = answers + thread:get("created")
    longest = math.max(longest, thread:get("elapsed"))
    shortest = math.min(shortest, thread:get("elapsed"))
  end
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '{"sent":%d,"created":%d,"failed":%d,"longest":%f,"shortest":%f}\n',
    total, answers, failed, longest, shortest
  ))
end
