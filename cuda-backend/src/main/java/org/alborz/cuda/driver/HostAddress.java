package org.alborz.cuda.driver;

import jcuda.Pointer;

/** An address in native host memory, as a number and as the object that JCuda takes. */
final class HostAddress extends Pointer {
    HostAddress() {}

    HostAddress(long value) {
        super(value);
    }

    long value() {
        return getNativePointer() + getByteOffset();
    }
}
