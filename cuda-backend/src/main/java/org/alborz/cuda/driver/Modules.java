package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import org.alborz.kernels.KernelSource;

/** Our own kernels; the driver compiles a file of them at a time for the device in use, when the first kernel of a file is requested. */
public final class Modules implements AutoCloseable {
    private final Context context;
    private final KernelSource source = KernelSource.read();
    private final Map<String, CUmodule> loaded = new HashMap<>();
    private final Resources resources = new Resources();

    public Modules(Context context) {
        this.context = context;
    }

    /** Returns a kernel. */
    public Kernel kernel(String name) {
        context.makeCurrent();
        CUmodule module = loaded.computeIfAbsent(source.operation(name), this::load);
        CUfunction function = new CUfunction();
        Driver.check(cuModuleGetFunction(function, module, name), "cuModuleGetFunction of " + name);
        return new Kernel(name, function);
    }

    private CUmodule load(String operation) {
        CUmodule module = new CUmodule();
        Driver.check(
                cuModuleLoadData(module, source.ptx(operation)),
                "cuModuleLoadData of " + operation + ".ptx for " + context.device());
        resources.add(() -> Driver.check(cuModuleUnload(module), "cuModuleUnload"));
        return module;
    }

    @Override
    public void close() {
        context.makeCurrentToClose();
        resources.close();
    }
}
