-- Writes into one generation of the wire index. Put in front of the script that commits; the layout stands in
-- wire_buckets.py, which reads it.
local BASE, MEAN, PAIR, CHUNK = 256, 40, 6, 16
local find, sub, byte = string.find, string.sub, string.byte

local function bucket_count(held)
  return math.max(BASE, math.ceil(held / MEAN))
end

local function power_below(count)
  local power = BASE
  while power * 2 <= count do
    power = power * 2
  end
  return power
end

-- Divides a bucket that has come due: its new neighbour takes the pairs whose fingerprint has one bit more.
local function split(key, bucket)
  local power = power_below(bucket)
  local old, at, bit = bucket - power, 2, power / 256
  while bit >= 256 do
    at, bit = at - 1, bit / 256
  end
  local all = redis.call('HGET', key, old) or ''
  local stay, go = {}, {}
  for i = 1, #all, PAIR do
    local side = byte(all, i + at) % (2 * bit) >= bit and go or stay
    side[#side + 1] = sub(all, i, i + PAIR - 1)
  end
  if #stay == 0 and #go > 0 then
    redis.call('HDEL', key, old)
    redis.call('HSET', key, bucket, all)
  elseif #go > 0 then
    redis.call('HSET', key, old, table.concat(stay), bucket, table.concat(go))
  end
end

-- A wire story's fingerprints vote for it from now on. Returns 1 if the generation did not know it, else 0.
local function insert(key, packed, ordinal, id, crowd)
  ordinal = ordinal % 2 ^ 24
  local mark, chunk_name = struct.pack('>I3', ordinal), 'i' .. math.floor(ordinal / CHUNK)
  local before = tonumber(redis.call('HGET', key, 'pairs') or '0')
  local count = bucket_count(before)
  local power = power_below(count)
  local span, asked = 2 * power, #packed / 4
  local names = {struct.unpack('>' .. string.rep('I4', asked), packed)}
  for f = 1, asked do
    local bucket = names[f] % span
    names[f] = bucket < count and bucket or bucket - power
  end
  names[asked + 1] = chunk_name -- in the place of where unpacking ended
  local found = redis.call('HMGET', key, unpack(names))
  local fields, slots, last, held = {'pairs', before}, {}, 2, before
  for f = 1, asked do
    local tail, slot = sub(packed, 4 * f - 3, 4 * f - 1), slots[names[f]]
    local bucket = slot and fields[slot] or found[f] or ''
    local at, voters = find(bucket, tail, 1, true), 0
    while at do
      if at % PAIR == 1 then
        voters = sub(bucket, at + 3, at + 5) == mark and crowd or voters + 1
      end
      at = voters < crowd and find(bucket, tail, at + 1, true)
    end
    if voters < crowd then -- nor has it voted for this one
      if not slot then
        fields[last + 1], slot, last = names[f], last + 2, last + 2
        slots[names[f]] = slot
      end
      fields[slot] = bucket .. tail .. mark
      held = held + 1
    end
  end
  fields[2] = held
  local chunk, low, i = found[asked + 1] or '', ordinal % CHUNK, 1
  while i <= #chunk and byte(chunk, i) ~= low do
    i = i + 2 + byte(chunk, i + 1)
  end
  local fresh = i > #chunk
  if fresh then
    fields[last + 1], fields[last + 2] = chunk_name, chunk .. string.char(low, #id) .. id
  end
  redis.call('HSET', key, unpack(fields))
  for bucket = count, bucket_count(held) - 1 do
    split(key, bucket)
  end
  return fresh and 1 or 0
end
