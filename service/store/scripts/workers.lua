#!lua flags=no-writes
-- The workers alive, and how many ms ago each gave its last sign of life.
-- KEYS: 1 workers
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
local all, reply = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #all, 2 do
  local beat, expiry = string.match(all[i + 1], '^(%d+) (%d+)')
  if tonumber(expiry) >= now_ms and tonumber(beat) <= now_ms + 1000 then -- none of the future: the clock was set back
    reply[#reply + 1] = all[i]
    reply[#reply + 1] = math.max(0, now_ms - tonumber(beat))
  end
end
return reply
