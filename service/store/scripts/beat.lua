#!lua flags=allow-oom
-- A worker's sign of life; drops those whose time is over. Allowed when memory is full: an idle worker is not dead.
-- KEYS: 1 workers   ARGV: 1 name, 2 ttl (ms), 0 takes leave, 3 which stories it follows, 4 fresh (ms)
-- Returns the names that follow the same stories and gave a sign of life in the last so many ms.
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
if ARGV[2] == '0' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %d %s', now_ms, now_ms + ARGV[2], ARGV[3]))
end
local all, reply = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #all, 2 do
  local beat, expiry, stories = string.match(all[i + 1], '^(%d+) (%d+) ?(%S*)')
  if tonumber(expiry) < now_ms or tonumber(beat) > now_ms + 1000 then -- in the future: the clock was set back since
    redis.call('HDEL', KEYS[1], all[i])
  elseif stories == ARGV[3] and tonumber(beat) >= now_ms - ARGV[4] then
    reply[#reply + 1] = all[i]
  end
end
return reply
