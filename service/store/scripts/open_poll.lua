#!lua
-- Lends a feed to a replica for one poll, unless its state moved or it is lent to another. The server's clock decides;
-- a lease that lies ahead by more than its own length is over: the clock was set back, and its holder may be dead.
-- KEYS: 1 feed
-- ARGV: 1 expected revision, 2 replica, 3 lease (ms), 4 when the feed is asked (s since 1970)
-- Returns 1 if it is lent, and for how many more ms another has it.
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
local was = redis.call('HMGET', KEYS[1], 'revision', 'lease', 'lease_until', 'lease_from')
local taken_ms = 0
if was[2] and was[2] ~= ARGV[2] and 2 * tonumber(was[4] or '0') - tonumber(was[3]) <= now_ms then
  taken_ms = math.max(0, tonumber(was[3]) - now_ms)
end
local lent = 0
if taken_ms == 0 and tonumber(was[1] or '0') == tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'lease', ARGV[2], 'lease_until', string.format('%d', now_ms + ARGV[3]),
    'lease_from', string.format('%d', now_ms), 'replica', ARGV[2], 'last_asked', ARGV[4])
  lent = 1
end
return {lent, taken_ms}
