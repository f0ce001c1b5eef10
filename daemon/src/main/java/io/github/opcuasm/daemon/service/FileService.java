package io.github.opcuasm.daemon.service;

/** Files and directories of the address space (Part 20). */
public final class FileService {
    public FileService() {}
}
