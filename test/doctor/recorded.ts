// What programs printed on real machines, for facts that this one cannot show: `ldd` of the CUDA provider of onnxruntime
// 1.23.2 (CUDA 12) and 1.30.0 (CUDA 13) on Debian 12 without CUDA and beside NVIDIA's Python packages, and `vulkaninfo`
// with SwiftShader; folders and lists are shortened. Nothing of `nvidia-smi` is recorded: its forms are as it documents.

export const LDD_CUDA_12_NOTHING = `\
	linux-vdso.so.1 (0x00007fc464c81000)
	libcublasLt.so.12 => not found
	libcublas.so.12 => not found
	libcurand.so.10 => not found
	libcufft.so.11 => not found
	libcudart.so.12 => not found
	libcudnn.so.9 => not found
	libdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007fc464c68000)
	librt.so.1 => /lib/x86_64-linux-gnu/librt.so.1 (0x00007fc464c63000)
	libstdc++.so.6 => /lib/x86_64-linux-gnu/libstdc++.so.6 (0x00007fc44a600000)
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007fc44a41e000)
	/lib64/ld-linux-x86-64.so.2 (0x00007fc464c83000)
`

export const LDD_CUDA_13_NO_DRIVER = `\
	linux-vdso.so.1 (0x00007fad171db000)
	libcublasLt.so.13 => /opt/venv/lib/python3.11/site-packages/nvidia/cu13/lib/libcublasLt.so.13 (0x00007facdbc00000)
	libcublas.so.13 => /opt/venv/lib/python3.11/site-packages/nvidia/cu13/lib/libcublas.so.13 (0x00007facd8400000)
	libcurand.so.10 => /opt/venv/lib/python3.11/site-packages/nvidia/cu13/lib/libcurand.so.10 (0x00007facd1600000)
	libcudart.so.13 => /opt/venv/lib/python3.11/site-packages/nvidia/cu13/lib/libcudart.so.13 (0x00007facd1200000)
	libcuda.so.1 => not found
	libdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007fad02ffb000)
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007facd821e000)
	/lib64/ld-linux-x86-64.so.2 (0x00007fad171dd000)
`

/** Not recorded: the first, as it would be beside NVIDIA's toolkit. */
export const LDD_CUDA_12_COMPLETE = LDD_CUDA_12_NOTHING.replaceAll(
  /(\S+) => not found/g,
  '$1 => /usr/local/cuda-12.6/lib64/$1 (0x00007f0000000000)',
)

export const NVIDIA_SMI_LIST = `\
0, NVIDIA H100 80GB HBM3, 550.54.15, 81559, 9.0
1, NVIDIA H100 80GB HBM3, 550.54.15, 81559, 9.0
`

export const NVIDIA_SMI = `\
Sun Nov 22 02:00:00 2026
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 550.54.15              Driver Version: 550.54.15      CUDA Version: 12.4     |
|-----------------------------------------+------------------------+----------------------+
`

export const VULKANINFO_SWIFTSHADER = `\
==========
VULKANINFO
==========

Vulkan Instance Version: 1.4.364


Instance Extensions: count = 17
-------------------------------
VK_EXT_debug_report                    : extension revision 10

Instance Layers:
----------------

Devices:
========
GPU0:
	apiVersion         = 1.3.0
	driverVersion      = 5.0.0
	vendorID           = 0x1ae0
	deviceID           = 0xc0de
	deviceType         = PHYSICAL_DEVICE_TYPE_CPU
	deviceName         = SwiftShader Device (Subzero)
	driverID           = DRIVER_ID_GOOGLE_SWIFTSHADER
	driverName         = SwiftShader driver
	driverInfo         = 
	conformanceVersion = 1.3.3.1
	deviceUUID         = 53776966-7453-6861-6465-725555494400
	driverUUID         = 00004001-0000-0000-0000-000000000000
`
