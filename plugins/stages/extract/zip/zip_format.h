// The ZIP format as it is read here (little-endian; numbers are bytes). Bytes that belong to no
// record may be before the first entry, between two records and after the end, unless they hold a
// record that the directory does not list.
//
//   archive    = entry* directory [zip64_end zip64_place] end
//   entry      = "PK\3\4" version:2 flags:2 method:2 time:4 crc:4 packed:4 size:4
//                name_length:2 extra_length:2 name extra data [descriptor]      ; 30 fixed bytes
//   descriptor = ["PK\7\8"] crc:4 (packed:4 size:4 | packed:8 size:8)           ; if flags & 8
//   directory  = header* ["PK\5\5" length:2 signature]
//   header     = "PK\1\2" made_by:1 host:1 version:2 flags:2 method:2 time:4 crc:4 packed:4 size:4
//                name_length:2 extra_length:2 comment_length:2 disk:2 internal:2 external:4
//                local_offset:4 name extra comment                              ; 46 fixed bytes
//   extra      = (id:2 length:2 value)* zero{0,3}
//                id 1: those of size:8 packed:8 local_offset:8 disk:4 whose field above is all
//                ones, in this order; id 0x7075: 1:1 crc_of_name:4 name_in_UTF-8
//   zip64_end  = "PK\6\6" rest:8 made_by:2 version:2 disk:4 directory_disk:4 entries_here:8
//                entries:8 directory_size:8 directory_offset:8 extensible       ; 56 fixed bytes
//   zip64_place= "PK\6\7" disk:4 zip64_end_offset:8 disks:4                     ; 20 bytes
//   end        = "PK\5\6" disk:2 directory_disk:2 entries_here:2 entries:2 directory_size:4
//                directory_offset:4 comment_length:2 comment                    ; 22 fixed bytes
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace sheafline::extract {

using Bytes = std::span<const std::uint8_t>;

inline constexpr std::uint32_t kLocalMark = 0x04034b50;
inline constexpr std::uint32_t kHeaderMark = 0x02014b50;
inline constexpr std::uint32_t kSignatureMark = 0x05054b50;
inline constexpr std::uint32_t kDescriptorMark = 0x08074b50;
inline constexpr std::uint32_t kEndMark = 0x06054b50;
inline constexpr std::uint32_t kZip64EndMark = 0x06064b50;
inline constexpr std::uint32_t kZip64PlaceMark = 0x07064b50;

inline constexpr std::size_t kLocalBytes = 30;
inline constexpr std::size_t kHeaderBytes = 46;
inline constexpr std::size_t kEndBytes = 22;
inline constexpr std::size_t kZip64EndBytes = 56;
inline constexpr std::size_t kZip64PlaceBytes = 20;

inline constexpr std::uint16_t kEncrypted = 1U << 0U;
inline constexpr std::uint16_t kDescriptor = 1U << 3U;
inline constexpr std::uint16_t kPatched = 1U << 5U;
inline constexpr std::uint16_t kStrongEncryption = 1U << 6U;
inline constexpr std::uint16_t kUtf8Name = 1U << 11U;
inline constexpr std::uint16_t kMaskedHeaders = 1U << 13U;

inline constexpr std::uint32_t kAllOnes = 0xFFFFFFFF;
inline constexpr std::uint16_t kAllOnes16 = 0xFFFF;

template <typename T>
T load(Bytes bytes, std::size_t at) {
    static_assert(std::endian::native == std::endian::little);
    T value{};
    std::memcpy(&value, bytes.subspan(at, sizeof(T)).data(), sizeof(T));
    return value;
}

}  // namespace sheafline::extract
