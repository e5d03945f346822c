package org.alborz.softwarecuda;

import java.io.IOException;
import java.nio.file.Path;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A {@link Gpu} with the software cuBLAS and cuDNN, driven through JCuda's natives. */
final class MathGpu implements BeforeEachCallback, AfterEachCallback {
    private final Gpu gpu = new Gpu();

    @Override
    public void beforeEach(ExtensionContext test) throws IOException {
        gpu.beforeEach(test);
        for (String library : new String[] {"libcublas.so.12", "libcudnn.so.9"}) {
            System.load(SoftwareCuda.folder().resolve(library).toString());
        }
        String before = System.getProperty("java.io.tmpdir");
        try {
            Path own = Gpu.natives();
            System.setProperty("java.io.tmpdir", own.toString());
            JCublas2.initialize();
            JCudnn.initialize();
        } finally {
            System.setProperty("java.io.tmpdir", before);
        }
    }

    @Override
    public void afterEach(ExtensionContext test) {
        gpu.afterEach(test);
    }

    SoftwareDevice device() {
        return gpu.device;
    }
}
