#!lua
-- Appends an event of the feeds unless one of its id is there.
-- KEYS: 1 feeds:events   ARGV: 1 event id, 2 length of the stream, 3… fields
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1000)) do
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'id' and entry[2][i + 1] == ARGV[1] then
      return 0
    end
  end
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', unpack(ARGV, 3))
return 1
