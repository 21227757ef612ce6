#!lua
-- Ends a dead letter once: the article comes again under a new number at the end of the line, or is dropped.
-- KEYS: 1 state, 2 articles, 3 dead, 4 dead:ended, 5 counts, 6 seen, 7 doc, 8 taken-down
-- ARGV: 1 number, 2 id of the entry in `dead`, 3 retried or dropped, 4 records of ended ones that stay
-- Returns {how, number, record}; the same again when it is called again.
local call = redis.call
local number = tonumber(ARGV[1])
local ended = call('HGET', KEYS[4], ARGV[1])
if ended then
  return {'ended', 0, ended}
end
local entry = call('XRANGE', KEYS[3], ARGV[2], ARGV[2])[1]
local dead = {}
for i = 1, entry and #entry[2] or 0, 2 do
  dead[entry[2][i]] = entry[2][i + 1]
end
if dead.number ~= ARGV[1] then
  return {'unknown', 0, ''}
end
local counts = call('HMGET', KEYS[5], 'entry:retry', 'dead:' .. ARGV[3])
local retries, ends = (counts[1] or 0) + 1, (counts[2] or 0) + 1
local now = call('TIME')
local at_ms = string.format('%d%03d', now[1], math.floor(now[2] / 1000))
local again = 0
if ARGV[3] == 'retried' then
  local newest = tonumber(call('HGET', KEYS[6], 'number') or '0')
  if (dead.article or '') == '' then
    return {'unreadable', 0, ''}
  end
  if call('HEXISTS', KEYS[8], dead.uri or '') == 1 then -- its turn would come behind the takedown's
    return {'taken_down', 0, ''}
  end
  if newest > number then -- what its source says now came after it: an older text must not be the last word
    return {'superseded', newest, ''}
  end
  if call('HEXISTS', KEYS[7], dead.version) == 0 then
    return {'past_horizon', 0, ''}
  end
  again = tonumber(call('HGET', KEYS[1], 'admitted')) + 1
  -- First what can fail, as in admit.lua. Nothing else is numbered twice, so the version stays what it was.
  call('XADD', KEYS[2], again .. '-0', 'id', dead.article_id, 'version', dead.version, 'at', at_ms,
    'article', dead.article, 'retry', number)
  call('HSET', KEYS[1], 'admitted', again)
  if newest > 0 then
    call('HSET', KEYS[6], 'number', again) -- its text is kept until this number is committed
  end
  call('PERSIST', KEYS[7])
  call('HSET', KEYS[5], 'entry:retry', retries)
end
call('HSET', KEYS[5], 'dead:' .. ARGV[3], ends)
local record = cjson.encode({how = ARGV[3], number = again, at_ms = tonumber(at_ms), uri = dead.uri,
  article = dead.article_id, reason = dead.reason})
call('HSET', KEYS[4], ARGV[1], record)
call('XDEL', KEYS[3], ARGV[2])
local keep = tonumber(ARGV[4])
if call('HLEN', KEYS[4]) > 2 * keep then
  local numbers = call('HKEYS', KEYS[4])
  table.sort(numbers, function(a, b) return tonumber(a) < tonumber(b) end)
  for i = 1, #numbers - keep do
    call('HDEL', KEYS[4], numbers[i])
  end
end
return {'ended', 0, record}
