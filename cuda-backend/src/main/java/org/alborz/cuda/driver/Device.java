package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDeviceTotalMem;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;

/**
 * A GPU.
 *
 * @param ordinal its number, from 0
 * @param major compute capability before the point
 * @param minor compute capability after the point
 * @param multiprocessors how many there are; each runs many threads at once
 * @param memory bytes in all
 * @param togetherBlocks how many blocks of any kernel at least can run at the same time and wait for each other; 0 where none can
 * @param sharedBytes of shared memory that a block has at most
 */
public record Device(
        int ordinal,
        String name,
        int major,
        int minor,
        int multiprocessors,
        long memory,
        int togetherBlocks,
        int sharedBytes) {
    private static final int NAME_BYTES = 256;

    /** Refuses a device that does not exist. */
    static void requireExisting(int ordinal) {
        int[] count = {0};
        Driver.check(cuDeviceGetCount(count), "cuDeviceGetCount");
        if (ordinal < 0 || ordinal >= count[0]) {
            throw new IllegalArgumentException("CUDA device " + ordinal + " does not exist; expected 0 to "
                    + (count[0] - 1) + ". CUDA_VISIBLE_DEVICES may hide some; nvidia-smi -L lists all.");
        }
    }

    static Device of(int ordinal, CUdevice device) {
        byte[] name = new byte[NAME_BYTES];
        Driver.check(cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
        long[] memory = {0};
        Driver.check(cuDeviceTotalMem(memory, device), "cuDeviceTotalMem");
        int multiprocessors = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
        int cooperative = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH);
        return new Device(
                ordinal,
                new String(name, StandardCharsets.UTF_8).split("\0", 2)[0],
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                multiprocessors,
                memory[0],
                cooperative == 0 ? 0 : multiprocessors,
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
    }

    private static int attribute(CUdevice device, int attribute) {
        int[] value = {0};
        Driver.check(cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute " + attribute);
        return value[0];
    }

    /** Returns the device in a person's words. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s, compute capability %d.%d, %d multiprocessors, %.1f GiB",
                name,
                major,
                minor,
                multiprocessors,
                memory / 0x1p30);
    }
}
