// What the shim must do in this process, from its environment. Read once, at the first call.
//
//   SHIM_ROOT      folder; calls on files elsewhere are left alone, but for those of SHIM_OUT
//   SHIM_FAIL      role "/" call ":" n ["+"] ":" errno [":" part]   ; the n-th such call on a file
//   whose
//                  path holds `part` fails; with "+" every one from then on
//   SHIM_SWITCH    FILE ":" errno          ; while FILE is there, everything that writes fails
//   SHIM_SHORT     seed                    ; reads and writes are cut short, or interrupted by a
//   signal SHIM_MALLOC    role "/" n ["+"]        ; malloc gives nothing at its n-th call
//   SHIM_NOSYNC    1                       ; fsync and fdatasync do nothing: a run without
//   durability SHIM_RECORD    FILE                    ; every change below SHIM_ROOT is written
//   there (recording.h) SHIM_BOOT_ID   FILE                    ; is read instead of the kernel's
//   boot id
//
// errno is a name: EIO, ENOSPC, EROFS. Roles are those of fault points: owner, batch, worker, any.
#pragma once

#include <atomic>
#include <string>

namespace sheafline::shim {

struct Plan {
    std::string root{};
    std::string role{};
    std::string fail_call{};
    std::string fail_part{};
    long fail_at = 0;
    bool fail_on = false;  // from then on
    int fail_errno = 0;
    std::string switch_file{};
    int switch_errno = 0;
    unsigned short_seed = 0;  // 0 means never
    long malloc_at = 0;
    bool malloc_on = false;
    bool no_sync = false;
    std::string record_file{};
    std::string boot_id_file{};

    std::atomic<long> calls{0};  // the calls that matched fail_call

    Plan();
};

Plan& plan();

}  // namespace sheafline::shim
