package org.alborz.cuda.driver;

import jcuda.Pointer;

/** A place in native host memory, as a number and as the object that JCuda wants. */
final class HostAddress extends Pointer {
    HostAddress() {}

    HostAddress(long value) {
        super(value);
    }

    long value() {
        return getNativePointer() + getByteOffset();
    }
}
