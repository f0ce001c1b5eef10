package io.github.opcuasm.cli;

import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.type.StatusCode;

/** Why a directory did not do what it was asked for with something in it, where the status alone says too little. */
final class FileFailure {
    private FileFailure() {}

    /** @param name that something was to get */
    static AdvisedException named(RequestFailedException e, String name) {
        boolean refused = isOne(e, "Bad_InvalidArgument", "Bad_BrowseNameInvalid", "Bad_NotSupported");
        return new AdvisedException(
                e,
                !refused
                        ? ""
                        : name.matches(".*[/\\\\:*?\"<>|].*")
                                ? "; the name is " + name + ": expected one without / and the like"
                                : "; the server does not take the name " + name + " here");
    }

    /** Of a directory that was to be moved or copied, or a file. */
    static AdvisedException moved(RequestFailedException e, RemoteFile source, String name) {
        boolean intoItself = source.isDirectory() && isOne(e, "Bad_InvalidArgument");
        return intoItself
                ? new AdvisedException(
                        e, "; a directory goes nowhere below itself, and its name (" + name + ") has no /")
                : isOpen(e, source) ? new AdvisedException(e, FileUpload.IS_OPEN) : named(e, name);
    }

    static AdvisedException deleted(RequestFailedException e, RemoteFile file) {
        return new AdvisedException(
                e,
                isOpen(e, file)
                        ? FileUpload.IS_OPEN
                        : Boolean.FALSE.equals(file.isWritable()) && isOne(e, "Bad_UserAccessDenied", "Bad_NotWritable")
                                ? "; the server says that this user may not write it (Writable, UserWritable)"
                                : "");
    }

    private static boolean isOpen(RequestFailedException e, RemoteFile file) {
        return isOne(e, "Bad_InvalidState") || (file.openCount() > 0 && isOne(e, "Bad_NotWritable", "Bad_NotReadable"));
    }

    private static boolean isOne(RequestFailedException e, String... names) {
        String status = e.status().map(StatusCode::name).orElse("");
        for (String name : names) {
            if (name.equals(status)) {
                return true;
            }
        }
        return false;
    }
}
