// The log of everything that a program did to the files below a folder, in order, by all of its
// processes. The shim appends each record with one write; power_cut.cpp reads the log.
//
//   log    = record*
//   record = Header path other data
//   create  path got a new file, or one that is empty again          (inode)
//   write   data at an offset of the file                             (inode)
//   resize  the file has `offset` bytes                               (inode)
//   sync    what was written to the file is durable                   (inode)
//   rename  path is called other
//   link    path is called other too
//   remove  path is no more
//   folder  path is a folder now
//   entries what was created, renamed and removed in the folder `path` is durable
//   shown   data went to standard output: somebody saw it
#pragma once

#include <cstdint>

namespace sheafline::shim {

enum class Op : std::uint32_t {
    create = 1,
    write,
    resize,
    sync,
    rename,
    link,
    remove,
    folder,
    entries,
    shown
};

struct Header {
    Op op{};
    std::uint32_t path_bytes = 0;
    std::uint32_t other_bytes = 0;
    std::uint32_t unused = 0;
    std::uint64_t data_bytes = 0;
    std::uint64_t inode = 0;
    std::uint64_t offset = 0;
};

}  // namespace sheafline::shim
