#!lua
-- Creates the workers' group where it is missing, behind what is committed: nothing is lost, nothing comes twice.
-- KEYS: 1 state, 2 articles   ARGV: 1 group
local made = redis.pcall('XGROUP', 'CREATE', KEYS[2], ARGV[1],
  (redis.call('HGET', KEYS[1], 'committed') or '0') .. '-0', 'MKSTREAM')
if type(made) == 'table' and made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then
  return redis.error_reply(made.err)
end
return 1
