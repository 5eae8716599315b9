# Holds kAbi to the headers that plugins are built against: abi_hash.txt has the number and a hash of what a compiler sees
# of framework/include, sheets/include and streams/include (no comments, no blanks).
#   cmake -P tests/framework/abi_hash.cmake                 compares
#   cmake -DUPDATE=ON -P tests/framework/abi_hash.cmake     writes abi_hash.txt
set(root ${CMAKE_CURRENT_LIST_DIR}/../..)
set(include framework/include/sheafline)
set(file ${CMAKE_CURRENT_LIST_DIR}/abi_hash.txt)

file(GLOB_RECURSE headers RELATIVE ${root}  # sorted
    ${root}/${include}/*.h ${root}/sheets/include/*.h ${root}/streams/include/*.h)
set(hashes "")
foreach(header IN LISTS headers)
    file(READ ${root}/${header} text)
    string(REGEX REPLACE "//[^\n]*" "" text "${text}")
    string(REGEX REPLACE "[ \t\r\n]+" "" text "${text}")
    string(SHA256 hash "${text}")
    string(APPEND hashes "${header} ${hash}\n")
endforeach()
string(SHA256 hash "${hashes}")
file(READ ${root}/${include}/export.h text)
string(REGEX MATCH "kAbi = ([0-9]+)" unused "${text}")
set(now "${CMAKE_MATCH_1} ${hash}")

if(UPDATE)
    file(WRITE ${file} "${now}\n")
    return()
endif()
file(READ ${file} then)
string(STRIP "${then}" then)
if(NOT now STREQUAL then)
    message(FATAL_ERROR "The headers that plugins are built against have changed.\n"
        "Would a plugin that was compiled before the change notice (a virtual function, a member, a default, a signature)?\n"
        "  Yes, and a version with ABI ${CMAKE_MATCH_1} was released: raise kAbi in export.h and the section's name in plugin.h.\n"
        "  Then, or if not: cmake -DUPDATE=ON -P tests/framework/abi_hash.cmake\n"
        "  Commit tests/framework/abi_hash.txt with the change.\n"
        "now  ${now}\nthen ${then}")
endif()
