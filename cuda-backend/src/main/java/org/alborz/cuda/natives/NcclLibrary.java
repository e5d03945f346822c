package org.alborz.cuda.natives;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Finds and loads NCCL with the natives of its bindings, which are in jars that a program adds where it needs them. What is loaded
 * stays loaded, so this class remembers it, as {@link NativeLibraries} does.
 *
 * <p>The bindings are JavaCPP's. Their own loader would also load CUDA's runtime, which neither they nor NCCL need from outside, so it is
 * switched off while they are loaded and initialised here.
 */
public final class NcclLibrary {
    /** What to add to a program. */
    public static final String ARTIFACTS =
            "org.bytedeco:cuda:12.6-9.5-1.5.11 and org.bytedeco:javacpp:1.5.11, both also with the"
                    + " classifier linux-x86_64 (8.6 MB in all)";

    static final String NAME = "libnccl.so.2";

    private static final String LOADS = "org.bytedeco.javacpp.loadlibraries";
    private static final String JAVACPP = "org/bytedeco/javacpp/linux-x86_64/libjnijavacpp.so";
    private static final String BINDINGS = "org/bytedeco/cuda/linux-x86_64/libjninccl.so";

    /** Every class of the bindings that is used. */
    private static final List<String> CLASSES = List.of(
            "org.bytedeco.javacpp.Pointer",
            "org.bytedeco.javacpp.BytePointer",
            "org.bytedeco.cuda.cudart.CUstream_st",
            "org.bytedeco.cuda.nccl.ncclComm",
            "org.bytedeco.cuda.nccl.ncclUniqueId",
            "org.bytedeco.cuda.nccl.ncclConfig_t",
            "org.bytedeco.cuda.global.nccl");

    private static Library loaded;
    private static NativeLoadException failure;

    private NcclLibrary() {}

    /** Returns where NCCL is on a machine, without loading it. */
    public static Optional<Library> find(Host host) {
        return LibrarySearch.of(NAME, host);
    }

    /** Tells whether the bindings and their natives are on the class path. */
    public static boolean hasBindings() {
        return hasBindings(NcclLibrary.class.getClassLoader());
    }

    static boolean hasBindings(ClassLoader loader) {
        return loader.getResource(BINDINGS) != null
                && loader.getResource(JAVACPP) != null
                && loader.getResource("org/bytedeco/cuda/global/nccl.class") != null;
    }

    /**
     * Loads NCCL and the bindings; does nothing where they are loaded. The CUDA libraries must be loaded.
     *
     * @throws NativeLoadException where something is missing or cannot be loaded, with what to add
     */
    public static synchronized Library load(Host host) {
        if (failure != null) {
            throw failure;
        }
        if (loaded == null) {
            Library found = require(host);
            try {
                loadNow(found, Path.of(host.temporary()));
                loaded = found;
            } catch (NativeLoadException e) {
                failure = e; // the JVM does not initialise a class twice
                throw e;
            }
        }
        return loaded;
    }

    /** Returns what keeps NCCL from being loaded, with the remedy; loads it where nothing does. The CUDA libraries must be loaded. */
    public static Optional<String> unavailable(Host host) {
        try {
            load(host);
            return Optional.empty();
        } catch (NativeLoadException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Returns where NCCL is; throws where it or its bindings are not there, with what to add. */
    static Library require(Host host) {
        if (!hasBindings()) {
            throw withoutBindings();
        }
        return find(host)
                .orElseThrow(() -> new NativeLoadException(
                        NAME + " was not found where the other CUDA libraries are looked for.",
                        "Install it, such as by python3 -m pip install nvidia-nccl-cu12 or apt-get install libnccl2, or name"
                                + " its folder by -D" + Host.LIBRARIES_PROPERTY + "=DIR.",
                        null));
    }

    static NativeLoadException withoutBindings() {
        return new NativeLoadException(
                "The bindings of NCCL are not on the class path.", "Add " + ARTIFACTS + ".", null);
    }

    private static void loadNow(Library nccl, Path temporary) {
        String before = System.getProperty(LOADS);
        System.setProperty(LOADS, "false");
        try (PrivateFolder folder = new PrivateFolder(temporary)) {
            System.load(nccl.path().toAbsolutePath().toString());
            for (String resource : List.of(JAVACPP, BINDINGS)) {
                System.load(unpack(resource, folder.path()).toString());
            }
            for (String name : CLASSES) {
                Class.forName(name, true, NcclLibrary.class.getClassLoader());
            }
        } catch (IOException e) {
            throw new NativeLoadException(
                    "The bindings of NCCL could not be unpacked into " + temporary + ": " + e + ".",
                    "Free space or give write permission there, or choose another folder: -Djava.io.tmpdir=DIR.",
                    e);
        } catch (LinkageError | ClassNotFoundException e) {
            throw LoadFailures.explain(NAME, nccl.path(), e);
        } catch (IllegalCallerException e) {
            throw LoadFailures.denied(NAME, e);
        } finally {
            if (before == null) {
                System.clearProperty(LOADS);
            } else {
                System.setProperty(LOADS, before);
            }
        }
    }

    private static Path unpack(String resource, Path folder) throws IOException {
        Path file = folder.resolve(resource.substring(resource.lastIndexOf('/') + 1));
        try (InputStream in = NcclLibrary.class.getClassLoader().getResourceAsStream(resource)) {
            Files.copy(in, file);
        }
        return file;
    }
}
