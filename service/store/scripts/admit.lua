#!lua
-- Admits one article of a story once: numbers it, keeps its text, appends it to the stream.
-- KEYS: 1 state, 2 articles, 3 seen, 4 doc, 5 counts, 6 taken-down
-- ARGV: 1 content hash, 2 article (JSON), 3 text (compressed), 4 poll, 5 ttl of seen (s), 6 ttl of the text (s), 7 id,
--       8 uri, 9 the last number that the caller knows of
-- An edit (its id begins with e1-) has no revisions: who asks a moment later in other words asks for the same.
-- Returns admitted, revision, seen_before or taken_down, and the last number; lost if the server knows of fewer numbers
-- than the caller: it came back older than it was. Called again in the same poll it gives its first answer again.
local admitted = tonumber(redis.call('HGET', KEYS[1], 'admitted') or '0')
if admitted < tonumber(ARGV[9]) then
  return {'lost', admitted}
end
if redis.call('HEXISTS', KEYS[6], ARGV[8]) == 1 then
  return {'taken_down', admitted}
end
local was = redis.call('HMGET', KEYS[3], 'hash', 'version', 'poll', 'result')
if was[1] == ARGV[1] or (was[1] and string.sub(ARGV[7], 1, 3) == 'e1-') then
  redis.call('EXPIRE', KEYS[3], ARGV[5])
  if was[3] == ARGV[4] then
    return {was[4], admitted}
  end
  return {'seen_before', admitted}
end
-- First what can fail: keys of another type, and a count that is none.
redis.call('HLEN', KEYS[4])
local number = admitted + 1
local version = tonumber(was[2] or '0') + 1
local result = version == 1 and 'admitted' or 'revision'
local now = redis.call('TIME')
local at_ms = string.format('%d%03d', now[1], math.floor(now[2] / 1000))
local counted = (redis.call('HGET', KEYS[5], 'entry:' .. result) or 0) + 1
-- The first write may fail by itself: an id that is not the next one means that stream and state do not belong together.
redis.call('XADD', KEYS[2], number .. '-0', 'id', ARGV[7], 'version', version, 'at', at_ms, 'article', ARGV[2])
redis.call('HSET', KEYS[1], 'admitted', number)
redis.call('HSET', KEYS[3], 'hash', ARGV[1], 'version', version, 'number', number, 'poll', ARGV[4],
  'result', result, 'ttl', ARGV[6])
redis.call('EXPIRE', KEYS[3], ARGV[5])
redis.call('HSET', KEYS[4], version, ARGV[3])
redis.call('PERSIST', KEYS[4])
redis.call('HSET', KEYS[5], 'entry:' .. result, counted)
return {result, number}
