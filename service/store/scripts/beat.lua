#!lua flags=allow-oom
-- A worker's sign of life; drops those whose time is over. Allowed when memory is full: an idle worker is not dead.
-- KEYS: 1 workers   ARGV: 1 name, 2 ttl (ms)
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if tonumber(string.match(all[i + 1], '%d+$')) < now_ms then
    redis.call('HDEL', KEYS[1], all[i])
  end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %d', now_ms, now_ms + ARGV[2]))
return 1
