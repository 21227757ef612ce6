#!lua
-- Where the server's clock was set back, what was handed out before lies in the future, and would be stale only once
-- that has come: its time counts from now on. One that was handed out in this very millisecond does not change by it.
-- KEYS: 1 articles   ARGV: 1 group
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 100)
for _, entry in ipairs(pending.err and {} or pending) do
  if entry[3] == 0 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], entry[2], 0, entry[1], 'JUSTID')
  end
end
