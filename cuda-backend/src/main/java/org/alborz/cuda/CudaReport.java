package org.alborz.cuda;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import jcuda.JCudaVersion;
import org.alborz.cuda.natives.FoundLibraries;
import org.alborz.cuda.natives.Host;
import org.alborz.cuda.natives.Library;
import org.alborz.cuda.natives.NcclLibrary;
import org.alborz.cuda.natives.Problem;
import org.alborz.cuda.natives.SearchLocation;
import org.alborz.cuda.natives.TemporaryFolder;
import org.alborz.kernels.KernelSource;

/**
 * All that the doctor tells of CUDA on a machine. Its components are the keys of the doctor's JSON, and are kept; what is not known
 * is null.
 *
 * @param usable whether the backend can be opened
 * @param libraries cuBLAS, cuDNN and what they need
 * @param problems what is wrong, the worst first, each with commands that fix it
 * @param passedOver files that looked like what was sought, with the reason why they are not
 */
public record CudaReport(
        boolean usable,
        Driver driver,
        List<LibraryState> libraries,
        List<GpuState> gpus,
        Temporary temporary,
        String jcuda,
        List<Problem> problems,
        List<String> passedOver) {
    /** The name of the library by which several GPUs train together. */
    public static final String NCCL = "NCCL";

    /**
     * The driver.
     *
     * @param version the kernel module's
     * @param cuda the newest CUDA it can run
     * @param searched the folders that were looked into
     */
    public record Driver(boolean found, String path, String version, String cuda, List<String> searched) {}

    /**
     * A library.
     *
     * @param name such as cuBLAS
     * @param needed whether nothing works without it
     * @param searched the folders that were looked into
     */
    public record LibraryState(
            String name, boolean needed, boolean found, String path, String version, List<String> searched) {}

    /**
     * A GPU; memory in bytes.
     *
     * @param kernels the machine code that Alborz's kernels are loaded as, such as {@code sm_90}; null where the driver compiles all from PTX
     * @param machineCodeFiles how many files of kernels are machine code made of the same source as their PTX; the driver compiles the others
     * @param kernelFiles how many files of kernels there are
     */
    public record GpuState(
            int ordinal,
            String name,
            String computeCapability,
            long memoryTotal,
            Long memoryFree,
            boolean usable,
            String kernels,
            int machineCodeFiles,
            int kernelFiles) {}

    /** The folder that natives are unpacked into. */
    public record Temporary(String path, boolean writable, boolean executable) {}

    /** Examines this machine. Loads the libraries when all are there; never throws. */
    public static CudaReport ofThisMachine() {
        return of(Host.ofThis());
    }

    /** Examines a machine. */
    public static CudaReport of(Host host) {
        CudaCheck check = CudaCheck.of(host);
        FoundLibraries found = check.found();
        TemporaryFolder temporary = check.temporary();
        return new CudaReport(
                check.problems().isEmpty(),
                driver(found, check.loaded()),
                libraries(found, check.loaded(), NcclLibrary.find(host)),
                check.loaded().map(CudaReport::gpus).orElse(List.of()),
                new Temporary(temporary.path().toString(), temporary.writable(), temporary.executable()),
                JCudaVersion.get(),
                check.problems(),
                found.passedOver());
    }

    private static Driver driver(FoundLibraries found, Optional<LoadedCuda> loaded) {
        return new Driver(
                found.driver().isPresent(),
                found.driver().map(l -> l.path().toString()).orElse(null),
                found.kernelModule().orElse(null),
                loaded.map(LoadedCuda::cudaText).orElse(null),
                folders(found.driverLocations()));
    }

    private static List<LibraryState> libraries(
            FoundLibraries found, Optional<LoadedCuda> loaded, Optional<Library> nccl) {
        List<String> searched = folders(found.libraryLocations());
        Optional<FoundLibraries.Cublas> cublas = found.cublas();
        Optional<Library> cudnn = found.cudnn().map(FoundLibraries.Cudnn::main);
        List<LibraryState> states = new ArrayList<>();
        states.add(state("cuBLASLt", true, cublas.map(FoundLibraries.Cublas::light), Optional.empty(), searched));
        states.add(state(
                "cuBLAS", true, cublas.map(FoundLibraries.Cublas::main), loaded.map(LoadedCuda::cublas), searched));
        states.add(state("cuDNN", true, cudnn, loaded.map(LoadedCuda::cudnn), searched));
        states.add(state("NVRTC", false, found.nvrtc(), Optional.empty(), searched));
        states.add(state(NCCL, false, nccl, Optional.empty(), searched));
        return states;
    }

    private static LibraryState state(
            String name, boolean needed, Optional<Library> library, Optional<String> told, List<String> searched) {
        return new LibraryState(
                name,
                needed,
                library.isPresent(),
                library.map(l -> l.path().toString()).orElse(null),
                told.or(() -> library.map(Library::version)).orElse(null),
                searched);
    }

    private static List<GpuState> gpus(LoadedCuda cuda) {
        KernelSource kernels = KernelSource.read();
        return cuda.gpus().stream().map(gpu -> state(gpu, kernels)).toList();
    }

    private static GpuState state(Gpu gpu, KernelSource kernels) {
        int machineCode = kernels.cubins(gpu.major(), gpu.minor());
        Optional<String> architecture = kernels.architecture(gpu.major(), gpu.minor());
        return new GpuState(
                gpu.ordinal(),
                gpu.name(),
                gpu.computeCapability(),
                gpu.memoryTotal(),
                free(gpu),
                gpu.usable(),
                architecture.filter(name -> machineCode > 0).orElse(null),
                machineCode,
                kernels.names().size());
    }

    private static Long free(Gpu gpu) {
        OptionalLong free = GpuMemory.free(gpu.ordinal());
        return free.isPresent() ? free.getAsLong() : null;
    }

    private static List<String> folders(List<SearchLocation> locations) {
        return locations.stream()
                .flatMap(p -> p.folders().stream())
                .map(Path::toString)
                .distinct()
                .toList();
    }
}
