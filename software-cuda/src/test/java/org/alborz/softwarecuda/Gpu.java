package org.alborz.softwarecuda;

import static jcuda.driver.JCudaDriver.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A fresh context on the software GPU for each test, driven through JCuda's natives; skips where it cannot be built. */
final class Gpu implements BeforeEachCallback, AfterEachCallback {
    SoftwareDevice device;
    private final CUdevice handle = new CUdevice();

    @Override
    public void beforeEach(ExtensionContext test) {
        SoftwareCuda cuda = SoftwareCuda.build();
        if (cuda instanceof SoftwareCuda.Unavailable unavailable) {
            abort("SKIPPED: " + unavailable.reason());
        }
        device = new SoftwareDevice(((SoftwareCuda.Ready) cuda).folder());
        loadJCuda();
        ok(cuInit(0));
        ok(cuDeviceGet(handle, 0));
        CUcontext context = new CUcontext();
        ok(cuDevicePrimaryCtxRetain(context, handle));
        ok(cuCtxSetCurrent(context));
    }

    @Override
    public void afterEach(ExtensionContext test) {
        if (device == null) {
            return;
        }
        device.reset();
        ok(cuDevicePrimaryCtxRelease(handle)); // the last user: all that lives in the context goes
        assertThat(device.leaks()).isEmpty();
    }

    /** JCuda unpacks its natives into java.io.tmpdir, where an old file would be taken for them: give it a folder of its own. */
    private static void loadJCuda() {
        String before = System.getProperty("java.io.tmpdir");
        try {
            Path own = natives();
            System.setProperty("java.io.tmpdir", own.toString());
            setExceptionsEnabled(false);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            System.setProperty("java.io.tmpdir", before);
        }
    }

    /** A folder for each Java: tests on two of them may run at the same time. */
    static Path natives() throws IOException {
        String name = "jcuda-natives-" + Runtime.version().feature();
        return Files.createDirectories(Path.of("target", name).toAbsolutePath());
    }

    void reset() {
        ok(cuDevicePrimaryCtxReset(handle));
    }

    CUdevice handle() {
        return handle;
    }

    static void ok(int result) {
        assertThat(CUresult.stringFor(result)).isEqualTo("CUDA_SUCCESS");
    }

    static void fails(int expected, int result) {
        assertThat(CUresult.stringFor(result)).isEqualTo(CUresult.stringFor(expected));
    }

    static CUdeviceptr allocate(long bytes) {
        CUdeviceptr p = new CUdeviceptr();
        ok(cuMemAlloc(p, bytes));
        return p;
    }

    static CUdeviceptr floats(float... values) {
        CUdeviceptr p = allocate(4L * values.length);
        ok(cuMemcpyHtoD(p, Pointer.to(values), 4L * values.length));
        return p;
    }

    static float[] floats(CUdeviceptr p, int n) {
        float[] values = new float[n];
        ok(cuMemcpyDtoH(Pointer.to(values), p, 4L * n));
        return values;
    }

    static int[] ints(CUdeviceptr p, int n) {
        int[] values = new int[n];
        ok(cuMemcpyDtoH(Pointer.to(values), p, 4L * n));
        return values;
    }

    static Pointer pinned(long bytes) {
        Pointer p = new Pointer();
        ok(cuMemAllocHost(p, bytes));
        return p;
    }

    static CUstream stream(int flags) {
        CUstream stream = new CUstream();
        ok(cuStreamCreate(stream, flags));
        return stream;
    }

    /** A module with one entry, as PTX declares it: {@code entry("f", "u64", "u32", "b8[24]")}. */
    static String ptx(String name, String... parameters) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < parameters.length; i++) {
            String[] parts = parameters[i].split("\\[");
            String length = parts.length > 1 ? "[" + parts[1] : "";
            String align = parts.length > 1 ? ".align 8 " : "";
            lines.add("    .param " + align + "." + parts[0] + " " + name + "_param_" + i + length);
        }
        return ".version 7.0\n.target sm_75\n.address_size 64\n\n.visible .entry " + name + "(\n"
                + String.join(",\n", lines) + "\n)\n{\n    ret;\n}\n";
    }

    static CUfunction function(String name, String... parameters) {
        CUmodule module = new CUmodule();
        ok(cuModuleLoadData(module, ptx(name, parameters)));
        CUfunction function = new CUfunction();
        ok(cuModuleGetFunction(function, module, name));
        return function;
    }

    /** Launches with one-dimensional grid and block. Arguments: device pointers, int, long, float, double. */
    static int launch(CUfunction function, int grid, int block, CUstream stream, Object... arguments) {
        return cuLaunchKernel(function, grid, 1, 1, block, 1, 1, 0, stream, parameters(arguments), null);
    }

    static Pointer parameters(Object... arguments) {
        return Pointer.to(Arrays.stream(arguments).map(Gpu::argument).toArray(NativePointerObject[]::new));
    }

    private static Pointer argument(Object value) {
        if (value instanceof Integer i) {
            return Pointer.to(new int[] {i});
        } else if (value instanceof Long l) {
            return Pointer.to(new long[] {l});
        } else if (value instanceof Float f) {
            return Pointer.to(new float[] {f});
        } else if (value instanceof Double d) {
            return Pointer.to(new double[] {d});
        } else if (value instanceof byte[] bytes) {
            return Pointer.to(bytes);
        }
        return Pointer.to((NativePointerObject) value);
    }
}
