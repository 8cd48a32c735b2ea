// What Vite adds to the language: files as text, and whether this is a development server.

/// <reference types="vite/client" />
