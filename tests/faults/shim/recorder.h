// Appends to the log of recording.h, if the environment asks for one. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>

#include "recording.h"

namespace sheafline::shim {

bool recording();

// The path of an open file; empty if it has none.
std::string pathOf(int fd);
// Absolute, whatever the working folder is.
std::string fullPath(int folder, const char* path);
bool isBelowRoot(const std::string& path);

void recordPath(Op op, const std::string& path, const std::string& other = {});
void recordFile(Op op, int fd, std::uint64_t offset, std::string_view data = {});
void recordShown(std::string_view text);

}  // namespace sheafline::shim
