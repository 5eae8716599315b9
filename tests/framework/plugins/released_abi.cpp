// A plugin as built for version 1.0.0: the section states ABI 1.
struct Descriptor {
    int abi = 1;
};

extern "C" {
extern __attribute__((visibility("default"), section("sheafline_abi_1")))
const Descriptor sheafline_plugin;
}

const Descriptor sheafline_plugin{};
