// The program `sheafline-pdf`, which the stage `extract` starts:
//
//   sheafline-pdf pages FILE FIRST MAX_PAGES MAX_BYTES   writes the pages from FIRST on as frames
//   sheafline-pdf draw FILE PAGE                         writes a page as a PNG, with pdftoppm
//
// A PDF is hostile input. `pages` reads it with the rights of the sandbox alone: it opens the file,
// gives up everything else, and only writes to its standard output. `draw` becomes pdftoppm, with
// limits on memory, time and files.
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include "document.h"
#include "process/sandbox.h"
#include "wire/page_frame.h"

namespace {

using sheafline::pdf::Document;
using sheafline::pdf::Page;
using sheafline::pdf::PageFrame;
using sheafline::pdf::PageFrameKind;
using sheafline::pdf::PageKind;

constexpr int kUsage = 2;
constexpr rlim_t kMemoryBytes = rlim_t{2} << 30U;
constexpr rlim_t kDrawSeconds = 60;
constexpr rlim_t kReadSeconds = 4 * rlim_t{3600};

void limit(__rlimit_resource resource, rlim_t most) {
    const rlimit both{.rlim_cur = most, .rlim_max = most};
    ::setrlimit(resource, &both);
}

void limitThisProcess(rlim_t cpu_seconds) {
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, 64);
    limit(RLIMIT_CPU, cpu_seconds);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they map terabytes
    limit(RLIMIT_AS, kMemoryBytes);
#endif
    sheafline::forbidNewPrivileges();
}

std::optional<std::uint64_t> numberOf(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// False if nobody reads any more.
bool writeAll(const char* bytes, std::size_t length) {
    while (length > 0) {
        const ssize_t count = ::write(STDOUT_FILENO, bytes, length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes += count;
        length -= static_cast<std::size_t>(count);
    }
    return true;
}

bool write(PageFrameKind kind, std::size_t page, std::string_view bytes) {
    const auto head = sheafline::pdf::encoded(
        {.kind = kind, .page = static_cast<std::uint32_t>(page), .length = bytes.size()});
    return writeAll(reinterpret_cast<const char*>(head.data()), head.size()) &&
           writeAll(bytes.data(), bytes.size());
}

PageFrameKind frameOf(PageKind kind) {
    switch (kind) {
        case PageKind::image:
            return PageFrameKind::image;
        case PageKind::drawn:
            return PageFrameKind::drawn;
        case PageKind::unreadable:
            break;
    }
    return PageFrameKind::unreadable;
}

struct PagesOrder {
    std::uint64_t first = 1;
    std::uint64_t max_pages = 0;
    std::uint64_t max_bytes = 0;
};

bool writePages(int file, const PagesOrder& order) {
    try {
        Document document(file);
        const std::size_t pages = document.pages();
        if (!write(PageFrameKind::count, pages, {})) return false;
        if (pages > order.max_pages) return write(PageFrameKind::end, 0, {});
        for (std::size_t number = order.first; number <= pages; ++number) {
            const Page page = document.page(number, order.max_bytes);
            if (!write(frameOf(page.kind), number, page.bytes)) return false;
        }
        return write(PageFrameKind::end, 0, {});
    } catch (const sheafline::pdf::UnreadableFile& error) {
        return write(PageFrameKind::rejected, 0, error.what());
    } catch (const std::bad_alloc&) {
        return write(PageFrameKind::rejected, 0,
                     "needs too much memory; save it with another program");
    }
}

int pages(const char* path, const PagesOrder& order) {
    limitThisProcess(kReadSeconds);
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return kUsage;
    sheafline::enterSandbox({});
    return writePages(file, order) ? 0 : 1;
}

int draw(const char* path, const char* page) {
    limitThisProcess(kDrawSeconds);
    std::string program = "pdftoppm";
    std::string file = path;
    std::string first = page;
    std::vector<std::string> words{"-q",       "-gray", "-png", "-r", "200",
                                   "-cropbox", "-f",    first,  "-l", first};
    std::vector<char*> arguments{program.data()};
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(file.data());
    arguments.push_back(nullptr);
    ::execvp(program.c_str(), arguments.data());
    return kUsage;
}

}  // namespace

int main(int count, char** values) {
    const std::span<char*> words(values, static_cast<std::size_t>(count));
    if (words.size() == 6 && std::string_view(words[1]) == "pages") {
        const auto first = numberOf(words[3]);
        const auto max_pages = numberOf(words[4]);
        const auto max_bytes = numberOf(words[5]);
        if (first && max_pages && max_bytes)
            return pages(words[2],
                         {.first = *first, .max_pages = *max_pages, .max_bytes = *max_bytes});
    }
    const bool draws = words.size() == 4 && std::string_view(words[1]) == "draw";
    if (draws && numberOf(words[3])) return draw(words[2], words[3]);
    std::fputs("sheafline-pdf is started by the stage extract\n", stderr);
    return kUsage;
}
