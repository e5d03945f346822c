package org.alborz.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.alborz.cuda.CudaReport;
import org.alborz.cuda.natives.Problem;

/** The doctor's lines on CUDA. */
record CudaSection(CudaReport report) {
    private static final String LABEL = "  %-11s %s";

    /** Returns the lines; the worst problem stands with the backends already. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(line("driver", driver(report.driver())));
        report.libraries().forEach(l -> lines.add(line(l.name(), library(l))));
        report.gpus().forEach(g -> lines.add(line("GPU " + g.ordinal(), gpu(g))));
        lines.add(line("JCuda", report.jcuda() + ", unpacked into " + temporary(report.temporary())));
        report.passedOver().forEach(p -> lines.add(line("passed over", p)));
        report.problems().stream().skip(1).forEach(p -> add(lines, p));
        return lines;
    }

    private static void add(List<String> lines, Problem problem) {
        lines.add(line("problem", problem.reason()));
        lines.add(line("", "Remedy: " + problem.remedy() + (problem.commands().isEmpty() ? "" : " Run one of:")));
        problem.commands().forEach(command -> lines.add(line("", "  " + command)));
    }

    private static String driver(CudaReport.Driver driver) {
        String module = driver.version() == null ? ", no kernel module" : ", kernel module " + driver.version();
        String cuda = driver.cuda() == null ? "" : ", for CUDA " + driver.cuda();
        return driver.found() ? driver.path() + module + cuda : "not found" + module;
    }

    private static String library(CudaReport.LibraryState library) {
        if (library.found()) {
            return library.version() + ", " + library.path();
        }
        return "not found" + (library.needed() ? "" : "; only " + purpose(library.name()) + " need it");
    }

    private static String purpose(String optional) {
        return optional.equals(CudaReport.NCCL) ? "several GPUs that train together" : "some parts of cuDNN";
    }

    private static String gpu(CudaReport.GpuState gpu) {
        String free = gpu.memoryFree() == null ? "" : ", " + gibibytes(gpu.memoryFree()) + " free";
        String kernels = gpu.kernels() == null
                ? "kernels compiled by the driver from PTX"
                : "kernels built for " + gpu.kernels() + " in " + gpu.machineCodeFiles() + " of " + gpu.kernelFiles()
                        + " files";
        return gpu.name() + ", compute capability " + gpu.computeCapability() + ", " + gibibytes(gpu.memoryTotal())
                + free + ", " + (gpu.usable() ? kernels : "too old for Alborz");
    }

    private static String temporary(CudaReport.Temporary folder) {
        return folder.path()
                + (folder.writable() ? "" : ", which cannot be written to")
                + (folder.executable() ? "" : ", which is mounted noexec");
    }

    private static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / 0x1p30);
    }

    private static String line(String label, String text) {
        return String.format(Locale.ROOT, LABEL, label, text);
    }
}
