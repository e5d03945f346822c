package org.alborz.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.backend.BackendUnavailableException;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.data.DataException;
import org.alborz.distributed.CollectiveException;

/** What the exit codes mean; every command's {@code --help} lists them. */
final class ExitCodes {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int BACKEND = 3;
    static final int DATA = 4;

    /** Of a rank of a group that ended since another one did. */
    static final int OTHER_RANK = 5;

    /** Of sysexits.h: EX_IOERR. */
    static final int OUTPUT = 74;

    /** What a shell reports for a program whose output is not read any more. */
    static final int BROKEN_PIPE = 141;

    /** What a shell reports for a program that Ctrl-C ended. */
    static final int INTERRUPTED = 130;

    private ExitCodes() {}

    /** Returns the meanings in the form that picocli prints. */
    static Map<String, String> meanings() {
        Map<String, String> meanings = new LinkedHashMap<>();
        meanings.put(" 0", "It worked.");
        meanings.put(" 1", "The run failed, such as by a loss that is not a number or a full disk.");
        meanings.put(" 2", "Wrong usage: an option or argument is unknown, missing or out of range.");
        meanings.put(" 3", "The backend that was asked for cannot run here; another one is never taken instead.");
        meanings.put(" 4", "Data, a checkpoint or an image is missing, damaged or does not fit.");
        meanings.put(
                " 5",
                "This rank of several processes ended because another one failed or was lost; the message says why.");
        meanings.put(" 74", "It worked, but not all that it printed could be written.");
        meanings.put(
                "130", "Stopped by Ctrl-C; train tried to save where it stood, and its message says whether it did.");
        meanings.put("143", "Stopped by SIGTERM, as by Ctrl-C; 129 where the terminal was closed (SIGHUP).");
        meanings.put("141", "It worked, but what reads its output, such as head, ended before it.");
        return meanings;
    }

    /** Returns the code of what went wrong. */
    static int of(Throwable failure) {
        if (failure instanceof CommandFailure f) {
            return f.exitCode();
        }
        if (failure instanceof BackendUnavailableException) {
            return BACKEND;
        }
        if (failure instanceof CollectiveException) {
            return OTHER_RANK;
        }
        return failure instanceof DataException || failure instanceof CheckpointException ? DATA : FAILED;
    }
}
