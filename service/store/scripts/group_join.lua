#!lua
-- Creates a consumer group of subscribers where it is missing.
-- KEYS: 1 stream   ARGV: 1 group, 2 the entry behind which it begins, `$` for the last one
-- Returns 1 if it was made, 0 if it was there.
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], ARGV[2], 'MKSTREAM')
if type(made) == 'table' and made.err then
  if string.find(made.err, 'BUSYGROUP', 1, true) then
    return 0
  end
  return redis.error_reply(made.err)
end
return 1
