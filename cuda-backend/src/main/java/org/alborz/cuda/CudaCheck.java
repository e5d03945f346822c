package org.alborz.cuda;

import java.util.List;
import java.util.Optional;
import org.alborz.cuda.natives.Diagnosis;
import org.alborz.cuda.natives.FoundLibraries;
import org.alborz.cuda.natives.Host;
import org.alborz.cuda.natives.LibrarySearch;
import org.alborz.cuda.natives.NativeLibraries;
import org.alborz.cuda.natives.NativeLoadException;
import org.alborz.cuda.natives.Problem;
import org.alborz.cuda.natives.TemporaryFolder;

/**
 * Whether CUDA can be used: files are looked at first, and only when they are all there are libraries loaded and asked.
 *
 * @param problems what is wrong, the worst first; empty where CUDA can be used
 * @param loaded what the libraries tell, where they could be loaded
 */
record CudaCheck(
        Host host,
        FoundLibraries found,
        TemporaryFolder temporary,
        List<Problem> problems,
        Optional<LoadedCuda> loaded) {
    /** Looks at a machine, and where the driver is missing at nothing else. Never throws. */
    static CudaCheck quickly(Host host) {
        FoundLibraries found = LibrarySearch.forDriverOn(host);
        List<Problem> problems = Diagnosis.ofDriver(host, found);
        return problems.isEmpty()
                ? of(host)
                : new CudaCheck(host, found, TemporaryFolder.of(host), problems, Optional.empty());
    }

    /** Looks at a machine as far as can be. Never throws. */
    static CudaCheck of(Host host) {
        FoundLibraries found = LibrarySearch.on(host);
        TemporaryFolder temporary = TemporaryFolder.of(host);
        List<Problem> problems = Diagnosis.of(host, found, temporary);
        if (!problems.isEmpty()) {
            return new CudaCheck(host, found, temporary, problems, Optional.empty());
        }
        try {
            NativeLibraries.load(found, temporary.path());
        } catch (NativeLoadException e) {
            Problem problem = new Problem("loading", e.reason(), e.remedy(), List.of());
            return new CudaCheck(host, found, temporary, List.of(problem), Optional.empty());
        }
        LoadedCuda loaded = LoadedCuda.ask();
        return new CudaCheck(
                host,
                found,
                temporary,
                loaded.problems(host.environment().get("CUDA_VISIBLE_DEVICES")),
                Optional.of(loaded));
    }

    /** Returns the GPU that is used when no other is asked for, with the libraries' versions. */
    String device() {
        LoadedCuda cuda = loaded.orElseThrow();
        Gpu gpu = cuda.gpus().get(0);
        return gpu + ", driver for CUDA " + cuda.cudaText() + ", cuBLAS " + cuda.cublas() + ", cuDNN " + cuda.cudnn();
    }
}
