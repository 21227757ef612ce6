#!lua flags=allow-oom
-- A replica's sign of life; drops those whose time is over, or lies twice as far ahead as they said: the clock was set
-- back, and who lives says so again. Allowed when memory is full: an idle replica is not dead.
-- KEYS: 1 replicas   ARGV: 1 name, 2 incarnation, 3 ttl (ms), 0 takes leave, 4 which feeds it has
-- Returns the incarnation that last gave a sign of life under this name ('' if none), and behind it the names alive
-- that have the same feeds.
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
local before = redis.call('HGET', KEYS[1], ARGV[1])
before = before and string.match(before, '^%d+ (%S*)')
if ARGV[3] ~= '0' then
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %s %d %s', now_ms + ARGV[3], ARGV[2], ARGV[3], ARGV[4]))
elseif before == ARGV[2] then
  redis.call('HDEL', KEYS[1], ARGV[1])
end
local all, reply = redis.call('HGETALL', KEYS[1]), {before or ''}
for i = 1, #all, 2 do
  local until_ms = tonumber(string.match(all[i + 1], '^%d+'))
  local said_ms = tonumber(string.match(all[i + 1], '^%d+ %S* (%d+) ')) or math.huge
  if until_ms < now_ms or until_ms > now_ms + 2 * said_ms then
    redis.call('HDEL', KEYS[1], all[i])
  elseif string.match(all[i + 1], '%S*$') == ARGV[4] then
    reply[#reply + 1] = all[i]
  end
end
return reply
