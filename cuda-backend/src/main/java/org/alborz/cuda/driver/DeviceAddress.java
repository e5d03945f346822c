package org.alborz.cuda.driver;

import jcuda.driver.CUdeviceptr;

/** An address in device memory, as a number and as the object that JCuda takes. */
public final class DeviceAddress extends CUdeviceptr {
    /** Makes an address that the driver is to fill in. */
    public DeviceAddress() {}

    /** Makes the address of the given value. */
    public DeviceAddress(long value) {
        super(new DeviceAddress(), value);
    }

    /** Returns the address as the device sees it. */
    public long value() {
        return getNativePointer() + getByteOffset();
    }

    /** Returns the address some bytes further on. */
    public DeviceAddress plus(long bytes) {
        return bytes == 0 ? this : new DeviceAddress(value() + bytes);
    }
}
