// Runs code in a child process that this process waits for, so that a kill -9 or a crash costs only
// the child. The calling process must have one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace sheafline::testing {

// "" if `work` returned, else how the child ended: "killed by SIGKILL". A child that runs longer
// than a minute is killed by SIGALRM.
std::string runInChild(const std::function<void()>& work);

void replaceFile(const std::filesystem::path& file, const std::string& bytes);
std::string bytesOf(const std::filesystem::path& file);  // empty if it is missing

}  // namespace sheafline::testing
