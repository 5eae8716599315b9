#include "zip_bytes.h"

#include <libdeflate.h>
#include <utility>

namespace sheafline::test {

namespace {

template <typename T>
void put(std::string& bytes, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
    }
}

std::uint16_t shortLength(const std::string& text) {
    return static_cast<std::uint16_t>(text.size());
}

struct Facts {
    std::string packed{};
    std::uint16_t method = 0;
    std::uint16_t flags = 0;
    std::uint32_t crc32 = 0;
    std::uint64_t size = 0;
    std::uint64_t packed_size = 0;
};

Facts factsOf(const ForgedEntry& entry) {
    Facts facts;
    facts.packed = entry.packed.value_or(entry.deflated ? deflated(entry.content) : entry.content);
    facts.method = entry.method.value_or(entry.deflated ? 8 : 0);
    facts.flags = static_cast<std::uint16_t>(entry.flags | (entry.descriptor ? 8U : 0U));
    facts.crc32 =
        entry.crc32.value_or(libdeflate_crc32(0, entry.content.data(), entry.content.size()));
    facts.size = entry.size.value_or(entry.content.size());
    facts.packed_size = entry.packed_size.value_or(facts.packed.size());
    return facts;
}

void putLocal(std::string& bytes, const ForgedEntry& entry, const Facts& facts) {
    const std::string name = entry.local_name.value_or(entry.name);
    put<std::uint32_t>(bytes, 0x04034b50);
    put<std::uint16_t>(bytes, 20);
    put(bytes, facts.flags);
    put(bytes, facts.method);
    put<std::uint32_t>(bytes, 0);
    const bool late = entry.descriptor && entry.late;
    put<std::uint32_t>(bytes, late ? 0 : facts.crc32);
    put<std::uint32_t>(bytes, late ? 0 : static_cast<std::uint32_t>(facts.packed_size));
    put<std::uint32_t>(
        bytes, late ? 0 : entry.local_size.value_or(static_cast<std::uint32_t>(facts.size)));
    put(bytes, shortLength(name));
    put(bytes, shortLength(entry.local_extra));
    bytes += name + entry.local_extra + facts.packed;
    if (!entry.descriptor) return;
    if (entry.after) {
        bytes += *entry.after;
        return;
    }
    put<std::uint32_t>(bytes, 0x08074b50);
    put(bytes, facts.crc32);
    put<std::uint32_t>(bytes, static_cast<std::uint32_t>(facts.packed_size));
    put<std::uint32_t>(bytes, static_cast<std::uint32_t>(facts.size));
}

void putHeader(std::string& bytes, const ForgedEntry& entry, const Facts& facts,
               std::uint32_t offset) {
    std::string extra = entry.extra;
    if (entry.zip64) {
        put<std::uint16_t>(extra, 1);
        put<std::uint16_t>(extra, 16);
        put(extra, facts.size);
        put(extra, facts.packed_size);
    }
    put<std::uint32_t>(bytes, 0x02014b50);
    put<std::uint8_t>(bytes, 20);
    put(bytes, entry.host);
    put<std::uint16_t>(bytes, 20);
    put(bytes, facts.flags);
    put(bytes, facts.method);
    put<std::uint32_t>(bytes, 0);
    put(bytes, facts.crc32);
    put<std::uint32_t>(bytes,
                       entry.zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(facts.packed_size));
    put<std::uint32_t>(bytes, entry.zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(facts.size));
    put(bytes, shortLength(entry.name));
    put(bytes, shortLength(extra));
    put<std::uint16_t>(bytes, 0);
    put(bytes, entry.disk);
    put<std::uint16_t>(bytes, 0);
    put(bytes, entry.external);
    put(bytes, entry.local_offset.value_or(offset));
    bytes += entry.name + extra;
}

}  // namespace

std::string ForgedZip::bytes() const {
    std::string bytes = before;
    std::string directory;
    for (const ForgedEntry& entry : entries) {
        bytes += entry.gap;
        const auto offset = static_cast<std::uint32_t>(bytes.size());
        const Facts facts = factsOf(entry);
        putLocal(bytes, entry, facts);
        putHeader(directory, entry, facts, offset);
    }
    bytes += between;
    const std::uint64_t offset = directory_offset.value_or(bytes.size());
    const std::uint64_t size = directory_size.value_or(directory.size());
    const std::uint64_t number = count.value_or(entries.size());
    bytes += directory + behind;
    if (zip64_end) {
        const std::uint64_t end_offset = zip64_end_offset.value_or(bytes.size());
        put<std::uint32_t>(bytes, 0x06064b50);
        put<std::uint64_t>(bytes, 44);
        put<std::uint32_t>(bytes, 0x002d002d);
        put<std::uint64_t>(bytes, 0);
        put(bytes, number);
        put(bytes, number);
        put(bytes, size);
        put(bytes, offset);
        put<std::uint32_t>(bytes, 0x07064b50);
        put<std::uint32_t>(bytes, 0);
        put(bytes, end_offset);
        put<std::uint32_t>(bytes, 1);
    }
    put<std::uint32_t>(bytes, 0x06054b50);
    put(bytes, disk);
    put<std::uint16_t>(bytes, 0);
    put<std::uint16_t>(bytes,
                       here.value_or(static_cast<std::uint16_t>(zip64_end ? 0xFFFF : number)));
    put<std::uint16_t>(bytes, zip64_end ? 0xFFFF : static_cast<std::uint16_t>(number));
    put<std::uint32_t>(bytes, zip64_end ? 0xFFFFFFFF : static_cast<std::uint32_t>(size));
    put<std::uint32_t>(bytes, zip64_end ? 0xFFFFFFFF : static_cast<std::uint32_t>(offset));
    put(bytes, shortLength(comment));
    return bytes + comment + after;
}

std::string extraPart(std::uint16_t id, const std::string& value) {
    std::string part;
    put(part, id);
    put(part, shortLength(value));
    return part + value;
}

std::string unicodePath(const std::string& raw_name, const std::string& utf8_name) {
    std::string value = "\1";
    put<std::uint32_t>(value, libdeflate_crc32(0, raw_name.data(), raw_name.size()));
    return extraPart(0x7075, value + utf8_name);
}

std::string deflated(const std::string& content) {
    libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
    std::string packed(libdeflate_deflate_compress_bound(compressor, content.size()), '\0');
    packed.resize(libdeflate_deflate_compress(compressor, content.data(), content.size(),
                                              packed.data(), packed.size()));
    libdeflate_free_compressor(compressor);
    return packed;
}

std::string zipOf(std::vector<ForgedEntry> entries) {
    return ForgedZip{.entries = std::move(entries)}.bytes();
}

std::string jpegLike(const std::string& rest) { return "\xFF\xD8\xFF\xE0" + rest; }

}  // namespace sheafline::test
