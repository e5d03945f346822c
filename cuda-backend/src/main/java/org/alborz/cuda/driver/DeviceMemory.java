package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;

/** Device memory that is held for as long as the backend is open. */
public final class DeviceMemory implements AutoCloseable {
    private final DeviceAddress address = new DeviceAddress();

    /** Allocates memory, in the context that is current. */
    public DeviceMemory(long bytes) {
        Driver.check(cuMemAlloc(address, bytes), "cuMemAlloc of " + bytes + " bytes");
    }

    /** Returns where it begins. */
    public DeviceAddress address() {
        return address;
    }

    @Override
    public void close() {
        Driver.check(cuMemFree(address), "cuMemFree");
    }
}
