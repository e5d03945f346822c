package org.alborz.softwarecuda;

import static jcuda.driver.JCudaDriver.*;
import static org.alborz.softwarecuda.Gpu.ok;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every entry of the committed PTX has a kernel compiled from the sources, with parameters of the same sizes. */
final class KernelSourcesTest {
    private static final Path KERNELS = Path.of("..", "kernels");
    private static final Pattern ENTRY = Pattern.compile("\\.entry (\\w+)\\(");

    @RegisterExtension
    final Gpu gpu = new Gpu();

    @TestFactory
    Stream<DynamicTest> ptxAndSourcesAgree() throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(KERNELS)) {
            all = files.filter(
                            f -> f.toString().endsWith(".ptx") && !f.toString().contains("target"))
                    .sorted()
                    .toList();
        }
        return all.stream().map(ptx -> DynamicTest.dynamicTest(ptx.getFileName().toString(), () -> agree(ptx)));
    }

    private void agree(Path file) throws IOException {
        String ptx = Files.readString(file);
        CUmodule module = new CUmodule();
        ok(cuModuleLoadData(module, ptx));
        Matcher entries = ENTRY.matcher(ptx);
        assertThat(entries.find()).as("has an entry").isTrue();
        do {
            int result = cuModuleGetFunction(new CUfunction(), module, entries.group(1));
            assertThat(result)
                    .as("%s: %s: %s", entries.group(1), CUresult.stringFor(result), gpu.device.message())
                    .isZero();
        } while (entries.find());
    }
}
