-- Writes into one generation of the wire index. Behind wire_buckets.lua, in front of the script that commits.

-- Divides in two each bucket that has come due.
local function split_buckets(key, before, after)
  for bucket = before, after - 1 do
    local power = power_below(bucket)
    local old = bucket - power
    local low = old % 256
    local all = redis.call('HGET', key, old) or ''
    local stay, go = {}, {}
    for at = 1, #all, PAIR do
      local fingerprint = struct.unpack('>I3', all, at) * 256 + low
      local side = fingerprint % (2 * power) == bucket and go or stay
      side[#side + 1] = sub(all, at, at + PAIR - 1)
    end
    if #stay == 0 and #go > 0 then
      redis.call('HDEL', key, old)
      redis.call('HSET', key, bucket, all)
    elseif #go > 0 then
      redis.call('HSET', key, old, table.concat(stay), bucket, table.concat(go))
    end
  end
end

-- A wire story's fingerprints vote for it from now on. Returns 1 if the generation did not know it, else 0.
local function insert(key, packed, ordinal, id, crowd)
  ordinal = ordinal % 2 ^ 24
  local mark, chunk_name = struct.pack('>I3', ordinal), 'i' .. math.floor(ordinal / CHUNK)
  local tails, numbers = fingerprints_of(packed)
  local before = tonumber(redis.call('HGET', key, 'pairs') or '0')
  local of = buckets_of(numbers, before)
  local found = redis.call('HMGET', key, chunk_name, unpack(of))
  local chunk = found[1] or ''
  local content, changed, held = {}, {}, before
  for f = 1, #tails do
    local bucket = content[of[f]] or found[f + 1] or ''
    local at, voters, known = next_pair(bucket, tails[f], 1), 0, false
    while at do
      voters = voters + 1
      known = known or sub(bucket, at + 3, at + 5) == mark
      at = next_pair(bucket, tails[f], at + PAIR)
    end
    if not known and voters < crowd then
      changed[#changed + 1] = content[of[f]] == nil and of[f] or nil
      content[of[f]] = bucket .. tails[f] .. mark
      held = held + 1
    end
  end
  local fields = {'pairs', held}
  for _, bucket in ipairs(changed) do
    fields[#fields + 1] = bucket
    fields[#fields + 1] = content[bucket]
  end
  local fresh = id_of(chunk, ordinal) == nil
  if fresh then
    fields[#fields + 1] = chunk_name
    fields[#fields + 1] = chunk .. string.char(ordinal % CHUNK, #id) .. id
  end
  redis.call('HSET', key, unpack(fields))
  split_buckets(key, bucket_count(before), bucket_count(held))
  return fresh and 1 or 0
end
