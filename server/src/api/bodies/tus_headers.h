// The header fields of tus 1.0 (https://tus.io/protocols/resumable-upload). Everything throws
// HttpError if a field is missing or malformed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/api_request.h"
#include "uploads/checksum.h"
#include "uploads/upload_info.h"

namespace sheafline::api {

inline constexpr std::string_view kTusBody = "application/offset+octet-stream";

void requireTus(ApiRequest& request);  // also sets Tus-Resumable of the answer
std::optional<std::uint64_t> numberHeader(const ApiRequest& request, std::string_view name);
std::optional<Checksum> uploadChecksum(const ApiRequest& request);
void setExpiry(ApiRequest& request, const UploadInfo& info);

}  // namespace sheafline::api
