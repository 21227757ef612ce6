#!lua
-- Prolongs the leases of a replica, or gives them back.
-- KEYS: feeds   ARGV: 1 replica, 2 lease (ms), 0 gives back, 3 the replica's clock (s since 1970)
-- Returns 1 for each feed that is still the replica's. One that nobody else took meanwhile is, however late.
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
local kept = {}
for i, feed in ipairs(KEYS) do -- all are read before one is written: each could be of another type
  kept[i] = redis.call('HGET', feed, 'lease') == ARGV[1] and 1 or 0
end
for i, feed in ipairs(KEYS) do
  if kept[i] == 1 and ARGV[2] == '0' then
    redis.call('HDEL', feed, 'lease', 'lease_until', 'lease_from')
  elseif kept[i] == 1 then
    redis.call('HSET', feed, 'lease_until', string.format('%d', now_ms + ARGV[2]),
      'lease_from', string.format('%d', now_ms), 'last_asked', ARGV[3])
  end
end
return kept
