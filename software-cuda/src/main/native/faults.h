// Faults to inject: the n-th call of a name fails with a result.
#pragma once
#include <string>
#include <vector>
#include "result.h"

namespace soft {

class Faults {
public:
    int lost = 0;  // what every call answers once the device is lost

    // The nth call from now, counted from 1, fails. A name matches with and without its suffix _v2.
    void inject(const std::string& call, long nth, int result);
    // Counts one call; the result with which it is to fail, or 0.
    int strike(const char* call);
    bool any() const { return !planned.empty(); }
    void clear();

private:
    struct Planned {
        std::string call;
        long left;
        int result;
    };
    std::vector<Planned> planned;
};

}
