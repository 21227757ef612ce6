#!lua
-- Ends a dead letter of a group, once: its entry is open again, or it is dropped.
-- KEYS: 1 stream, 2 the group's state, 3 the group's dead letters
-- ARGV: 1 group, 2 the dead letter, 3 retried or dropped, 4 the consumer whose the entry becomes
-- Returns what became of it: retried, dropped, unknown (nobody has it any more), past_retention (its event is gone).
redis.call('HGET', KEYS[2], 'starts') -- could fail behind the first write
local letter = redis.call('XRANGE', KEYS[3], ARGV[2], ARGV[2])[1]
if not letter then
  return 'unknown'
end
local fields = {}
for i = 1, #letter[2], 2 do
  fields[letter[2][i]] = letter[2][i + 1]
end
if ARGV[3] == 'retried' then
  if #redis.call('XRANGE', KEYS[1], fields.entry, fields.entry) == 0 then
    return 'past_retention'
  end
  -- as if its consumer had been silent for a day: whoever looks next takes it over
  redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[4], 0, fields.entry, 'IDLE', 86400000, 'FORCE', 'JUSTID')
  redis.call('HDEL', KEYS[2], 'starts:' .. fields.entry)
end
redis.call('XDEL', KEYS[3], ARGV[2])
redis.call('HINCRBY', KEYS[2], 'count:' .. ARGV[3], 1)
return ARGV[3]
