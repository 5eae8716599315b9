#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "uploads/checksum.h"
#include "uploads/chunk_slices.h"
#include "uploads/upload_metadata.h"

using namespace sheafline;

namespace {

std::string shown(const std::optional<UploadMetadata>& metadata) {
    if (!metadata) return "rejected";
    std::string text;
    for (const auto& [key, value] : *metadata)
        text.append(key).append("=").append(value).append(";");
    return text;
}

}  // namespace

TEST_CASE("Upload-Metadata is parsed as tus defines it") {
    const std::string many = [] {
        std::string text = "k";
        for (int i = 0; i < 32; ++i) text += ",k" + std::to_string(i);
        return text;
    }();
    const std::vector<std::pair<std::string, std::string>> cases{
        {"filename c2NhbnMuemlw", "filename=scans.zip;"},
        {"filename c2NhbnMuemlw,pipeline b21y", "filename=scans.zip;pipeline=omr;"},
        {"filename c2NhbnMuemlw, is_confidential", "filename=scans.zip;is_confidential=;"},
        {"empty ", "empty=;"},
        {"empty", "empty=;"},
        {"name w6TDtsO8", "name=äöü;"},
        {"k:/?=! YQ==", "k:/?=!=a;"},
        {"", "rejected"},
        {",", "rejected"},
        {"a YQ==,", "rejected"},
        {"a YQ==,,b YQ==", "rejected"},
        {"a YQ==,a Yg==", "rejected"},
        {"a YQ=", "rejected"},
        {"a YQ", "rejected"},
        {"a YR==", "rejected"},
        {"a Y-==", "rejected"},
        {"a YQ== YQ==", "rejected"},
        {"a  YQ==", "rejected"},
        {"a\tYQ==", "rejected"},
        {"n\xC3\xA4me YQ==", "rejected"},
        {std::string("a\0b YQ==", 8), "rejected"},
        {"a " + std::string(8192, 'A'), "rejected"},
        {many, "rejected"},
    };
    for (const auto& [text, expected] : cases) {
        INFO(text.substr(0, 60));
        CHECK(shown(parseUploadMetadata(text)) == expected);
    }
}

TEST_CASE("Upload-Checksum must name a supported algorithm and a digest of its size") {
    const auto sha1 = parseUploadChecksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
    REQUIRE(sha1);
    CHECK(sha1->algorithm == ChecksumAlgorithm::sha1);
    Digest digest(ChecksumAlgorithm::sha1);
    digest.add(std::string_view("hello world"));
    CHECK(digest.take() == sha1->digest);
    CHECK(parseUploadChecksum("sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=")->algorithm ==
          ChecksumAlgorithm::sha256);
    for (const std::string text :
         {"", "sha1", "sha1 ", "sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "md5 XrY7u+Ae7tCTyyK7j1rNww==",
          "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha1 XrY7u+Ae7tCTyyK7j1rNww==",
          "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0",
          "sha1 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed", "crc32 AAAAAA=="}) {
        INFO(text);
        CHECK_FALSE(parseUploadChecksum(text));
    }
}

TEST_CASE("chunks are slices of the declared length") {
    struct Case {
        std::uint64_t length, offset, whole;
        std::string last;
    };
    constexpr std::uint64_t kMb = 1 << 20;
    const std::vector<Case> cases{
        {200 * kMb, 0, 0, "Chunk 4/4 uploaded (50.00MB)"},
        {200 * kMb, 50 * kMb - 1, 0, "Chunk 4/4 uploaded (50.00MB)"},
        {200 * kMb, 50 * kMb, 1, "Chunk 4/4 uploaded (50.00MB)"},
        {200 * kMb, 200 * kMb, 4, "Chunk 4/4 uploaded (50.00MB)"},
        {175 * kMb, 174 * kMb, 3, "Chunk 4/4 uploaded (25.00MB)"},
        {175 * kMb, 175 * kMb, 4, "Chunk 4/4 uploaded (25.00MB)"},
        {1, 0, 0, "Chunk 1/1 uploaded (0.00MB)"},
        {1, 1, 1, "Chunk 1/1 uploaded (0.00MB)"},
        {100 * kMb + 1, 100 * kMb, 2, "Chunk 3/3 uploaded (0.00MB)"},
    };
    for (const auto& [length, offset, whole, last] : cases) {
        const ChunkSlices slices(length, kSliceBytes);
        CHECK(slices.wholeIn(offset) == whole);
        CHECK(messageOf(slices.at(slices.count())) == last);
    }
    CHECK(messageOf(ChunkSlices(0, kSliceBytes).at(2)) == "Chunk 2 uploaded (50.00MB)");
}
