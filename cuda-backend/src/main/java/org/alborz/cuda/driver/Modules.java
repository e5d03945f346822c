package org.alborz.cuda.driver;

import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import org.alborz.kernels.KernelSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our own kernels. A file of them at a time is loaded when its first kernel is requested: as machine code where there is some for the device
 * in use and the driver takes it, else as PTX, which the driver compiles.
 */
public final class Modules implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Modules.class);

    /** Another status than that of success. */
    private static final int NONE = -1;

    private final Context context;
    private final KernelSource source;
    private final Map<String, CUmodule> loaded = new HashMap<>();
    private final Resources resources = new Resources();

    /** Whether the log says already that the driver does not take machine code; one line is enough for all files. */
    private boolean saidRefused;

    public Modules(Context context) {
        this(context, KernelSource.read());
    }

    Modules(Context context, KernelSource source) {
        this.context = context;
        this.source = source;
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
        Device device = context.device();
        CUmodule module = new CUmodule();
        KernelSource.Cubin cubin =
                source.cubin(operation, device.major(), device.minor()).orElse(null);
        int status = cubin == null ? NONE : cuModuleLoadData(module, cubin.code());
        if (cubin != null && status != 0 && !saidRefused) {
            saidRefused = true;
            log.info(
                    "The driver does not take the {} kernels of {} (status {}) for {}; it compiles the PTX of all that it does not take, which takes longer.",
                    cubin.architecture(),
                    operation,
                    status,
                    device);
        }
        if (status != 0) {
            Driver.check(
                    cuModuleLoadData(module, source.ptx(operation)),
                    "cuModuleLoadData of " + operation + ".ptx for " + device);
        }
        resources.add(() -> Driver.check(cuModuleUnload(module), "cuModuleUnload"));
        return module;
    }

    @Override
    public void close() {
        context.makeCurrentToClose();
        resources.close();
    }
}
