package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;

/** Kernels, compiled by the driver for the device at hand when the first of a file is asked for. */
public final class Modules implements AutoCloseable {
    private final Context context;
    private final Map<String, CUmodule> loaded = new HashMap<>();

    /** Where the source of a file of kernels comes from. */
    public interface Source {
        /** Returns the PTX of the given name. */
        String ptx(String name);
    }

    private final Source source;

    public Modules(Context context, Source source) {
        this.context = context;
        this.source = source;
    }

    /** Returns a kernel of a file. */
    public Kernel kernel(String file, String name) {
        context.makeCurrent();
        CUmodule module = loaded.computeIfAbsent(file, this::load);
        CUfunction function = new CUfunction();
        Driver.check(
                cuModuleGetFunction(function, module, name), "cuModuleGetFunction of " + name + " in " + file + ".ptx");
        return new Kernel(name, function);
    }

    private CUmodule load(String file) {
        CUmodule module = new CUmodule();
        Driver.check(
                cuModuleLoadData(module, source.ptx(file)),
                "cuModuleLoadData of " + file + ".ptx for " + context.device());
        return module;
    }

    @Override
    public void close() {
        context.makeCurrent();
        for (CUmodule module : loaded.values()) {
            Driver.check(cuModuleUnload(module), "cuModuleUnload");
        }
        loaded.clear();
    }
}
